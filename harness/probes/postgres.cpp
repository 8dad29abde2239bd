#include "probes/postgres.hpp"

#include "probes/gauge_name.hpp"
#include "probes/postgres_session.hpp"

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
    PostgresProbe(std::string name, std::string url)
        : name_(std::move(name)),
          session_(std::move(url), {{"application_name", probe_client_name}}),
          by_application_(name_ + ".connections", "application"),
          by_user_(name_ + ".connections", "user"),
          by_state_(name_ + ".connections", "state")
    {}

    const std::string& name() const override { return name_; }

    Task<ProbeReading> read(Instant deadline) override
    {
        const auto rows = co_await session_.query(activity_query, deadline);
        if (!rows) {
            co_return failed_reading(fmt::format("{} ({})", rows.error().message, wire::to_string(rows.error().kind)));
        }
        co_return count(*rows);
    }

private:
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
        counts.idle_in_transaction += state.starts_with("idle in transaction") ? sessions : 0;
        counts.waiting += sessions * number_at(rows, row, "waiting");
        counts.hidden += sessions * number_at(rows, row, "hidden");
        by_application_.add(text_at(rows, row, "application"), sessions);
        by_user_.add(text_at(rows, row, "role"), sessions);
        by_state_.add(state, sessions);
    }

    std::string name_;
    PostgresSession session_;
    Breakdown by_application_;
    Breakdown by_user_;
    Breakdown by_state_;
};

} // namespace

std::unique_ptr<Probe> make_postgres_probe(std::string name, std::string url)
{
    return std::make_unique<PostgresProbe>(std::move(name), std::move(url));
}

} // namespace squall::probes
