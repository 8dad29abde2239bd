#include "probes/pgbouncer.hpp"

#include "probes/gauge_name.hpp"
#include "probes/postgres_session.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace squall::probes {
namespace {

constexpr const char* console = "pgbouncer";
constexpr std::array<const char*, 6> summed{"cl_active", "cl_waiting", "sv_active", "sv_idle", "sv_used", "sv_login"};

class PgbouncerProbe final : public Probe {
public:
    PgbouncerProbe(std::string name, std::string url)
        : name_(std::move(name)),
          session_(std::move(url), {{"application_name", probe_client_name}, {"dbname", console}}),
          by_application_(name_ + ".clients", "application"),
          clients_by_user_(name_ + ".clients", "user"),
          clients_by_state_(name_ + ".clients", "state"),
          servers_by_state_(name_ + ".servers", "state")
    {}

    const std::string& name() const override { return name_; }

    Task<ProbeReading> read(Instant deadline) override
    {
        const auto pools = co_await session_.query("SHOW POOLS", deadline);
        if (!pools) {
            co_return failed(pools.error());
        }
        const auto clients = co_await session_.query("SHOW CLIENTS", deadline);
        if (!clients) {
            co_return failed(clients.error());
        }
        const auto servers = co_await session_.query("SHOW SERVERS", deadline);
        if (!servers) {
            co_return failed(servers.error());
        }
        ProbeReading reading;
        add_pools(*pools, reading);
        add_clients(*clients, reading);
        reading.gauges.push_back({name_ + ".servers", static_cast<double>(servers->rows.size())});
        for (std::size_t row = 0; row < servers->rows.size(); ++row) {
            servers_by_state_.add(text_at(*servers, row, "state"));
        }
        servers_by_state_.take(reading.gauges);
        co_return reading;
    }

private:
    [[nodiscard]] static ProbeReading failed(const wire::PostgresError& error)
    {
        return failed_reading(fmt::format("{} ({})", error.message, wire::to_string(error.kind)));
    }

    void add_pools(const wire::PostgresRows& pools, ProbeReading& reading) const
    {
        std::array<double, summed.size()> sums{};
        double longest_wait = 0;
        for (std::size_t row = 0; row < pools.rows.size(); ++row) {
            if (text_at(pools, row, "database") == console) {
                continue;
            }
            for (std::size_t index = 0; index < summed.size(); ++index) {
                sums[index] += number_at(pools, row, summed[index]);
            }
            const double wait = number_at(pools, row, "maxwait") + number_at(pools, row, "maxwait_us") / 1e6;
            longest_wait = std::max(longest_wait, wait);
        }
        for (std::size_t index = 0; index < summed.size(); ++index) {
            reading.gauges.push_back({fmt::format("{}.{}", name_, summed[index]), sums[index]});
        }
        reading.gauges.push_back({name_ + ".maxwait", longest_wait});
    }

    void add_clients(const wire::PostgresRows& clients, ProbeReading& reading)
    {
        double count = 0;
        const bool named = clients.column("application_name").has_value();
        for (std::size_t row = 0; row < clients.rows.size(); ++row) {
            if (text_at(clients, row, "database") == console) {
                continue;
            }
            ++count;
            clients_by_user_.add(text_at(clients, row, "user"));
            clients_by_state_.add(text_at(clients, row, "state"));
            if (named) {
                by_application_.add(text_at(clients, row, "application_name"));
            }
        }
        reading.gauges.push_back({name_ + ".clients", count});
        by_application_.take(reading.gauges);
        clients_by_user_.take(reading.gauges);
        clients_by_state_.take(reading.gauges);
    }

    std::string name_;
    PostgresSession session_;
    Breakdown by_application_;
    Breakdown clients_by_user_;
    Breakdown clients_by_state_;
    Breakdown servers_by_state_;
};

} // namespace

std::unique_ptr<Probe> make_pgbouncer_probe(std::string name, std::string url)
{
    return std::make_unique<PgbouncerProbe>(std::move(name), std::move(url));
}

} // namespace squall::probes
