#include "probes/pgbouncer.hpp"

#include "catch.hpp"
#include "integration/readings.hpp"
#include "integration/servers.hpp"
#include "wire/postgres_connection.hpp"

using namespace squall;
using namespace squall::testing;
using namespace squall::probes;
using namespace std::chrono_literals;
using wire::PostgresConnection;

TEST_CASE("clients, servers and pools are counted without the console's own")
{
    asio::io_context io;
    const PostgresServer postgres;
    const PgbouncerServer pgbouncer(postgres, "transaction");
    const auto probe = make_pgbouncer_probe("bouncer", pgbouncer.url());

    const auto alone = values_of(read(io, *probe));
    CHECK(alone.at("bouncer.clients") == 0);
    CHECK(alone.at("bouncer.servers") == 0);
    CHECK(alone.at("bouncer.cl_active") == 0);
    CHECK(alone.at("bouncer.maxwait") == 0);

    std::vector<PostgresConnection> clients;
    for (int count = 0; count < 5; ++count) {
        clients.emplace_back(io.get_executor());
        REQUIRE(run_task(io, clients.back().connect(pgbouncer.url("application_name=api"), in(10s))).has_value());
    }
    REQUIRE(run_task(io, clients[0].query("BEGIN", {}, in(10s))).has_value());
    REQUIRE(run_task(io, clients[1].query("BEGIN", {}, in(10s))).has_value());

    const auto busy = values_of(read(io, *probe));
    CHECK(busy.at("bouncer.clients") == 5);
    CHECK(busy.at("bouncer.cl_active") == 5);
    CHECK(busy.at("bouncer.sv_active") == 2);
    CHECK(busy.at("bouncer.servers") == 2);
    CHECK(busy.at("bouncer.cl_waiting") == 0);
    CHECK(busy.at("bouncer.clients{application=api}") == 5);
    CHECK(busy.at("bouncer.clients{user=postgres}") == 5);
    CHECK(busy.at("bouncer.clients{state=active}") == 5);
    CHECK(busy.at("bouncer.servers{state=active}") == 2);

    clients.clear();
    const auto idle = read_until(io, *probe, [](const Values& now) {
        // The servers of clients that left in a transaction are closed a moment after them.
        return now.at("bouncer.clients") == 0 && now.at("bouncer.sv_active") == 0;
    });
    CHECK(idle.at("bouncer.clients") == 0);
    CHECK(idle.at("bouncer.sv_active") == 0);
    CHECK(idle.at("bouncer.clients{application=api}") == 0);
    CHECK(idle.at("bouncer.clients{state=active}") == 0);
}

TEST_CASE("a PgBouncer that is not there is a failure")
{
    asio::io_context io;
    const auto probe = make_pgbouncer_probe("bouncer", fmt::format("postgresql://x@127.0.0.1:{}/x", free_port()));
    const auto reading = read(io, *probe);
    REQUIRE(reading.failure.has_value());
    CHECK(reading.failure->find("refused") != std::string::npos);
}
