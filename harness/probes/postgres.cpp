#include "probes/postgres.hpp"

#include "probes/gauge_name.hpp"
#include "probes/postgres_session.hpp"
#include "probes/sparingly.hpp"

#include <utility>

namespace squall::probes {
namespace {

// Without pg_read_all_stats the backend type of another role's session is hidden, but its role is not.
constexpr const char* activity_query = R"(
    SELECT coalesce(application_name, '') AS application,
           coalesce(usename::text, '') AS role,
           coalesce(state, 'unknown') AS state,
           (backend_type IS NULL)::int AS hidden,
           coalesce(wait_event_type = 'Lock', false)::int AS waiting,
           count(*) AS sessions
    FROM pg_catalog.pg_stat_activity
    WHERE (backend_type = 'client backend' OR (backend_type IS NULL AND usesysid IS NOT NULL))
      AND application_name <> 'squall-probe'
    GROUP BY 1, 2, 3, 4, 5)";

// Asking for a right that nobody has, or for a function of a later version, gives null.
constexpr const char* rights_query = R"(
    SELECT coalesce(has_function_privilege(to_regprocedure('pg_catalog.pg_ls_waldir()'), 'EXECUTE'), false)::int AS wal,
           coalesce(has_function_privilege(to_regprocedure('pg_catalog.pg_ls_tmpdir()'), 'EXECUTE'), false)::int
               AS temporary)";

// Every transaction holds its own number and every session its virtual one: those say nothing.
constexpr const char* locks_query = R"(
    SELECT CASE WHEN l.pid IS NULL THEN 'prepared_transaction' ELSE coalesce(a.application_name, '') END AS application,
           l.locktype AS type,
           count(*) AS locks
    FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
    WHERE l.granted AND l.locktype NOT IN ('virtualxid', 'transactionid')
      AND coalesce(a.application_name, '') <> 'squall-probe'
    GROUP BY 1, 2)";

/// What of this a role may not see is null.
std::string held_query(bool wal, bool temporary)
{
    return fmt::format(R"(
    SELECT (SELECT count(*) FROM pg_catalog.pg_prepared_xacts) AS prepared_transactions,
           (SELECT count(*) FROM pg_catalog.pg_replication_slots) AS replication_slots,
           {} AS wal_bytes, {} AS temp_files, {} AS temp_bytes)",
                       wal ? "(SELECT sum(size) FROM pg_catalog.pg_ls_waldir())" : "null",
                       temporary ? "(SELECT count(*) FROM pg_catalog.pg_ls_tmpdir())" : "null",
                       temporary ? "(SELECT coalesce(sum(size), 0) FROM pg_catalog.pg_ls_tmpdir())" : "null");
}

struct Counts {
    double connections = 0;
    double active = 0;
    double idle = 0;
    double idle_in_transaction = 0;
    double waiting = 0;
    double hidden = 0;
};

class PostgresProbe final : public Probe {
public:
    PostgresProbe(std::string name, std::string url, const Clock& clock)
        : name_(std::move(name)),
          clock_(clock),
          session_(std::move(url), {{"application_name", probe_client_name}}),
          by_application_(name_ + ".connections", "application"),
          by_user_(name_ + ".connections", "user"),
          by_state_(name_ + ".connections", "state"),
          idle_by_application_(name_ + ".idle_in_transaction", "application"),
          idle_by_user_(name_ + ".idle_in_transaction", "user"),
          locks_by_application_(name_ + ".locks", "application"),
          locks_by_type_(name_ + ".locks", "type")
    {
        locks_by_type_.expect({"advisory", "relation"});
    }

    const std::string& name() const override { return name_; }

    Task<ProbeReading> read(Instant deadline) override
    {
        const auto rows = co_await session_.query(activity_query, deadline);
        if (!rows) {
            co_return failed_reading(words_of(rows.error()));
        }
        auto reading = count(*rows);
        const Instant now = clock_.now();
        if (details_.due(now)) {
            details_.done(now, now);
            details_failure_ = co_await add_details(deadline, reading.gauges);
        }
        // Also between two looks: else it would seem to end with each reading and to begin anew.
        if (!reading.failure) {
            reading.failure = details_failure_;
        }
        co_return reading;
    }

private:
    [[nodiscard]] static std::string words_of(const wire::PostgresError& error)
    {
        return fmt::format("{} ({})", error.message, wire::to_string(error.kind));
    }

    /// What is held besides connections; gives what went wrong.
    Task<std::optional<std::string>> add_details(Instant deadline, std::vector<GaugeReading>& gauges)
    {
        if (held_query_.empty()) {
            const auto rights = co_await session_.query(rights_query, deadline);
            if (!rights) {
                co_return words_of(rights.error());
            }
            held_query_ = held_query(number_at(*rights, 0, "wal") > 0, number_at(*rights, 0, "temporary") > 0);
        }
        const auto locks = co_await session_.query(locks_query, deadline);
        if (!locks) {
            co_return words_of(locks.error());
        }
        add_locks(*locks, gauges);
        const auto held = co_await session_.query(held_query_, deadline);
        if (!held) {
            held_query_.clear(); // a right may have been taken away
            co_return words_of(held.error());
        }
        for (const auto* gauge :
             {"prepared_transactions", "replication_slots", "wal_bytes", "temp_files", "temp_bytes"}) {
            if (!text_at(*held, 0, gauge).empty()) {
                gauges.push_back({fmt::format("{}.{}", name_, gauge), number_at(*held, 0, gauge)});
            }
        }
        co_return std::nullopt;
    }

    void add_locks(const wire::PostgresRows& rows, std::vector<GaugeReading>& gauges)
    {
        double all = 0;
        for (std::size_t row = 0; row < rows.rows.size(); ++row) {
            const double locks = number_at(rows, row, "locks");
            all += locks;
            locks_by_application_.add(text_at(rows, row, "application"), locks);
            locks_by_type_.add(text_at(rows, row, "type"), locks);
        }
        gauges.push_back({name_ + ".locks", all});
        locks_by_application_.take(gauges);
        locks_by_type_.take(gauges);
    }

    ProbeReading count(const wire::PostgresRows& rows)
    {
        Counts counts;
        for (std::size_t row = 0; row < rows.rows.size(); ++row) {
            add(rows, row, counts);
        }
        ProbeReading reading;
        reading.gauges = {{name_ + ".connections", counts.connections},
                          {name_ + ".active", counts.active},
                          {name_ + ".idle", counts.idle},
                          {name_ + ".idle_in_transaction", counts.idle_in_transaction},
                          {name_ + ".waiting", counts.waiting}};
        by_application_.take(reading.gauges);
        by_user_.take(reading.gauges);
        by_state_.take(reading.gauges);
        idle_by_application_.take(reading.gauges);
        idle_by_user_.take(reading.gauges);
        if (counts.hidden > 0) {
            reading.failure = fmt::format("the probe's role may not see the state of {} sessions of other roles; "
                                          "grant it pg_monitor",
                                          counts.hidden);
        }
        return reading;
    }

    void add(const wire::PostgresRows& rows, std::size_t row, Counts& counts)
    {
        const double sessions = number_at(rows, row, "sessions");
        const auto state = text_at(rows, row, "state");
        counts.connections += sessions;
        counts.active += state == "active" ? sessions : 0;
        counts.idle += state == "idle" ? sessions : 0;
        if (state.starts_with("idle in transaction")) {
            counts.idle_in_transaction += sessions;
            idle_by_application_.add(text_at(rows, row, "application"), sessions);
            idle_by_user_.add(text_at(rows, row, "role"), sessions);
        }
        counts.waiting += sessions * number_at(rows, row, "waiting");
        counts.hidden += sessions * number_at(rows, row, "hidden");
        by_application_.add(text_at(rows, row, "application"), sessions);
        by_user_.add(text_at(rows, row, "role"), sessions);
        by_state_.add(state, sessions);
    }

    std::string name_;
    const Clock& clock_;
    PostgresSession session_;
    Sparingly details_{std::chrono::seconds(1)};
    std::optional<std::string> details_failure_;
    std::string held_query_; // empty until it is known what the role may see
    Breakdown by_application_;
    Breakdown by_user_;
    Breakdown by_state_;
    Breakdown idle_by_application_;
    Breakdown idle_by_user_;
    Breakdown locks_by_application_;
    Breakdown locks_by_type_;
};

} // namespace

std::unique_ptr<Probe> make_postgres_probe(std::string name, std::string url, const Clock& clock)
{
    return std::make_unique<PostgresProbe>(std::move(name), std::move(url), clock);
}

} // namespace squall::probes
