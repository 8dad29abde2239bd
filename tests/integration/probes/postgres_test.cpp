#include "probes/postgres.hpp"

#include "catch.hpp"
#include "integration/readings.hpp"
#include "integration/servers.hpp"
#include "probes/sampler.hpp"
#include "wire/postgres_connection.hpp"

using namespace squall;
using namespace squall::testing;
using namespace squall::probes;
using namespace std::chrono_literals;
using wire::PostgresConnection;

namespace {

/// An hour passes with every question: nothing is ever too soon.
class HourlyClock final : public Clock {
public:
    Instant now() const override { return now_ += 1h; }

private:
    mutable Instant now_{};
};

std::unique_ptr<Probe> make_postgres_probe(std::string name, std::string url)
{
    static const HourlyClock clock;
    return probes::make_postgres_probe(std::move(name), std::move(url), clock);
}

PostgresServer& server()
{
    static PostgresServer shared(60);
    return shared;
}

PostgresConnection open(asio::io_context& io, const std::string& url)
{
    PostgresConnection connection(io.get_executor());
    REQUIRE(run_task(io, connection.connect(url, in(10s))).has_value());
    return connection;
}

void run_sql(asio::io_context& io, PostgresConnection& connection, const std::string& sql)
{
    REQUIRE(run_task(io, connection.query(sql, {}, in(10s))).has_value());
}

} // namespace

TEST_CASE("sessions are counted by application, user and state")
{
    asio::io_context io;
    const auto probe = make_postgres_probe("pg", server().url());
    const auto another = make_postgres_probe("pg2", server().url());
    REQUIRE_FALSE(read(io, *another).failure.has_value()); // probes leave each other out

    std::vector<PostgresConnection> sessions;
    for (int count = 0; count < 7; ++count) {
        sessions.push_back(open(io, server().url("application_name=api")));
    }
    sessions.push_back(open(io, server().url("application_name=")));
    run_sql(io, sessions[0], "BEGIN");
    run_sql(io, sessions[1], "BEGIN; SELECT 1");
    CHECK_FALSE(run_task(io, sessions[1].query("SELECT 1/0", {}, in(10s))).has_value()); // aborted counts too

    const auto values = read_until(io, *probe, [](const Values& now) { return now.at("pg.connections") == 8; });
    CHECK(values.at("pg.connections") == 8);
    CHECK(values.at("pg.connections{application=api}") == 7);
    CHECK(values.at("pg.connections{application=none}") == 1);
    CHECK(values.at("pg.connections{user=postgres}") == 8);
    CHECK(values.at("pg.idle") == 6);
    CHECK(values.at("pg.idle_in_transaction") == 2);
    CHECK(values.at("pg.idle_in_transaction{application=api}") == 2);
    CHECK(values.at("pg.idle_in_transaction{user=postgres}") == 2);
    CHECK(values.at("pg.connections{state=idle_in_transaction}") == 1);
    CHECK(values.at("pg.active") == 0);
    CHECK(values.at("pg.waiting") == 0);

    SECTION("an application that is gone reads 0")
    {
        sessions.clear();
        const auto none = read_until(io, *probe, [](const Values& now) { return now.at("pg.connections") == 0; });
        CHECK(none.at("pg.connections{application=api}") == 0);
        CHECK(none.at("pg.connections{user=postgres}") == 0);
        CHECK(none.at("pg.idle_in_transaction{application=api}") == 0);
    }
}

TEST_CASE("beyond 20 applications the rest counts as other")
{
    asio::io_context io;
    const auto probe = make_postgres_probe("pg", server().url());
    std::vector<PostgresConnection> sessions;
    for (int count = 0; count < 25; ++count) {
        sessions.push_back(open(io, server().url(fmt::format("application_name=app{}", count))));
    }
    const auto values = read_until(io, *probe, [](const Values& now) { return now.at("pg.connections") == 25; });
    CHECK(values.at("pg.connections{application=other}") == 5);
}

namespace {

Task<void> query_ignoring(PostgresConnection& connection, std::string sql)
{
    co_await connection.query(std::move(sql), {}, in(20s));
}

} // namespace

TEST_CASE("a session that waits for a lock is waiting and active")
{
    asio::io_context io;
    const auto probe = make_postgres_probe("pg", server().url());
    auto holder = open(io, server().url());
    auto waiter = open(io, server().url());
    run_sql(io, holder, "SELECT pg_advisory_lock(1)");
    bool ended = false;
    asio::co_spawn(io, query_ignoring(waiter, "SELECT pg_advisory_lock(1)"),
                   [&ended](std::exception_ptr) { ended = true; });
    const auto values = read_until(io, *probe, [](const Values& now) { return now.at("pg.waiting") == 1; });
    CHECK(values.at("pg.active") == 1);
    holder.close();
    CHECK(run_until(io, [&ended] { return ended; }));
}

TEST_CASE("locks, prepared transactions and temporary files that are held are counted")
{
    asio::io_context io;
    PostgresServer own(20, {"max_prepared_transactions=5"});
    const auto probe = make_postgres_probe("pg", own.url());
    const auto before = values_of(read(io, *probe));
    CHECK(before.at("pg.prepared_transactions") == 0);
    CHECK(before.at("pg.replication_slots") == 0);
    CHECK(before.at("pg.temp_files") == 0);
    CHECK(before.at("pg.wal_bytes") >= 16 << 20);

    auto worker = open(io, own.url("application_name=worker"));
    run_sql(io, worker, "SELECT pg_advisory_lock(n) FROM generate_series(1, 7) n");
    auto other = open(io, own.url("application_name=other"));
    run_sql(io, other, "CREATE TABLE t (a int)");
    run_sql(io, other, "BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'left'");
    run_sql(io, other, "BEGIN");
    run_sql(io, other, "SET LOCAL work_mem = '64kB'");
    run_sql(io, other,
            "DECLARE c CURSOR FOR SELECT n, repeat('x', 100) FROM generate_series(1, 100000) n ORDER BY 2, 1");
    run_sql(io, other, "FETCH 1 FROM c");

    const auto held = values_of(read(io, *probe));
    CHECK(held.at("pg.locks{application=worker}") == 7);
    CHECK(held.at("pg.locks{type=advisory}") == 7);
    CHECK(held.at("pg.locks{application=prepared_transaction}") == 1);
    CHECK(held.at("pg.locks") >= 8);
    CHECK(held.at("pg.prepared_transactions") == 1);
    CHECK(held.at("pg.temp_files") >= 1);
    CHECK(held.at("pg.temp_bytes") > 1'000'000);

    run_sql(io, other, "ROLLBACK");
    run_sql(io, other, "ROLLBACK PREPARED 'left'");
    worker.close();
    const auto gone = read_until(io, *probe, [](const Values& now) { return now.at("pg.locks{type=advisory}") == 0; });
    CHECK(gone.at("pg.locks{application=worker}") == 0);
    CHECK(gone.at("pg.prepared_transactions") == 0);
    CHECK(gone.at("pg.temp_files") == 0);
    CHECK(gone.at("pg.temp_bytes") == 0);
}

TEST_CASE("a role that may not see other sessions gets their number and is told what is missing")
{
    asio::io_context io;
    auto admin = open(io, server().url("application_name=admin"));
    run_sql(io, admin, "DROP ROLE IF EXISTS humble");
    run_sql(io, admin, "CREATE ROLE humble LOGIN PASSWORD 'x'");
    const auto probe =
        make_postgres_probe("pg", fmt::format("postgresql://humble:x@127.0.0.1:{}/postgres", server().port()));
    const auto reading = read(io, *probe);
    REQUIRE(reading.failure.has_value());
    CHECK(reading.failure->find("pg_monitor") != std::string::npos);
    CHECK(values_of(reading).at("pg.connections") >= 1);
    CHECK(values_of(reading).contains("pg.locks"));
    CHECK_FALSE(values_of(reading).contains("pg.wal_bytes")); // absent, not 0
    CHECK_FALSE(values_of(reading).contains("pg.temp_files"));

    run_sql(io, admin, "GRANT pg_monitor TO humble");
    const auto fresh =
        make_postgres_probe("pg", fmt::format("postgresql://humble:x@127.0.0.1:{}/postgres", server().port()));
    const auto allowed = read(io, *fresh);
    CHECK_FALSE(allowed.failure.has_value());
    CHECK(values_of(allowed).contains("pg.wal_bytes"));
}

TEST_CASE("a lost connection is a failure once, then the probe is back")
{
    asio::io_context io;
    const auto probe = make_postgres_probe("pg", server().url());
    REQUIRE_FALSE(read(io, *probe).failure.has_value());
    auto admin = open(io, server().url());
    run_sql(io, admin,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'squall-probe'");
    const auto lost = read(io, *probe);
    REQUIRE(lost.failure.has_value());
    CHECK(lost.gauges.empty());
    CHECK_FALSE(read(io, *probe).failure.has_value());
}

TEST_CASE("a server that dies is a failure that begins once, and no exception")
{
    asio::io_context io;
    const SteadyClock clock;
    PostgresServer mortal;
    std::vector<SampledProbe> probes;
    probes.push_back({make_postgres_probe("pg", mortal.url()), 5ms});
    int good = 0;
    int failed = 0;
    std::vector<ProbeChange> changes;
    Sampler sampler(
        io.get_executor(), clock, std::move(probes),
        [&](Instant, const std::string&, const ProbeReading& reading) { ++(reading.failure ? failed : good); },
        [&](Instant, const ProbeChange& change) { changes.push_back(change); });
    sampler.start();
    REQUIRE(run_until(io, [&good] { return good >= 3; }));
    CHECK(changes.empty());
    mortal.kill();
    REQUIRE(run_until(io, [&failed] { return failed >= 5; }));
    run_task(io, sampler.stop(in(10s)));
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].failure.has_value());
    CHECK(changes[0].failure->find("secret") == std::string::npos);
}

TEST_CASE("a port that never answers ends a reading at its deadline")
{
    asio::io_context io;
    const SilentServer silent;
    const auto probe = make_postgres_probe("pg", fmt::format("postgresql://x@127.0.0.1:{}/db", silent.port()));
    const auto began = std::chrono::steady_clock::now();
    const auto reading = read(io, *probe, 100ms);
    REQUIRE(reading.failure.has_value());
    CHECK(reading.failure->find("timeout") != std::string::npos);
    CHECK(std::chrono::steady_clock::now() - began < 5s);
}

TEST_CASE("200 failed and good readings leave no descriptor behind")
{
    asio::io_context io;
    const auto before_all = make_postgres_probe("pg", server().url());
    REQUIRE_FALSE(read(io, *before_all).failure.has_value());
    const auto before = open_files();
    for (int round = 0; round < 100; ++round) {
        const auto good = make_postgres_probe("pg", server().url());
        CHECK_FALSE(read(io, *good).failure.has_value());
        const auto bad = make_postgres_probe("pg", "host=/no/such/folder");
        CHECK(read(io, *bad).failure.has_value());
    }
    CHECK(open_files() == before);
}
