// Gauges of a PgBouncer from its admin console.
#pragma once

#include "probes/probe.hpp"

#include <memory>
#include <string>

namespace squall::probes {

/// SHOW POOLS summed over the pools without the console's own: NAME.cl_active, .cl_waiting, .sv_active, .sv_idle,
/// .sv_used, .sv_login, and .maxwait (seconds, the longest of all pools); SHOW CLIENTS without those of the console:
/// NAME.clients, by {user=…}, {state=…} and, where the server tells it, {application=…}; SHOW SERVERS: NAME.servers,
/// and by {state=…}. `url` is any libpq URL of the PgBouncer whose role may use the console (admin_users or
/// stats_users); the database in it is replaced by the console's, "pgbouncer".
[[nodiscard]] std::unique_ptr<Probe> make_pgbouncer_probe(std::string name, std::string url);

} // namespace squall::probes
