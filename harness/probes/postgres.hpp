// Gauges of a PostgreSQL server from pg_stat_activity.
#pragma once

#include "probes/probe.hpp"

#include <memory>
#include <string>

namespace squall::probes {

/// Client backends only, without those of this and other probes (application_name "squall-probe"):
/// NAME.connections, .active, .idle, .idle_in_transaction (also aborted), .waiting (for a lock), and NAME.connections
/// by {application=…} (at most 20, the rest as "other"), {user=…} and {state=…}. One query a reading over a connection
/// of its own, which is opened again when it was lost; that reading fails. A role that may not see others' sessions
/// gets counts and a failure that says which right is missing. `url` is a libpq URL or keyword string.
[[nodiscard]] std::unique_ptr<Probe> make_postgres_probe(std::string name, std::string url);

} // namespace squall::probes
