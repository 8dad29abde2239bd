// Gauges of a PostgreSQL server from its own views.
#pragma once

#include "probes/probe.hpp"

#include <memory>
#include <string>

namespace squall::probes {

/// Client backends only, without those of this and other probes (application_name "squall-probe"):
/// NAME.connections, .active, .idle, .idle_in_transaction (also aborted), .waiting (for a lock), and NAME.connections
/// by {application=…} (at most 20, the rest as "other"), {user=…} and {state=…}, .idle_in_transaction by
/// {application=…} and {user=…}.
///
/// Once a second, and absent between: .locks (granted, but for transactions' own numbers) by {application=…} (who holds
/// them; prepared transactions as "prepared_transaction") and {type=…} (advisory ones outlive a transaction),
/// .prepared_transactions, .replication_slots, and where the role may (pg_monitor): .temp_files and .temp_bytes (now
/// there, in the default tablespace), .wal_bytes.
///
/// A connection of its own, which is opened again when it was lost; that reading fails. A role that may not see others'
/// sessions gets counts and a failure that says which right is missing. `url` is a libpq URL or keyword string. `clock`
/// must outlive the probe.
[[nodiscard]] std::unique_ptr<Probe> make_postgres_probe(std::string name, std::string url, const Clock& clock);

} // namespace squall::probes
