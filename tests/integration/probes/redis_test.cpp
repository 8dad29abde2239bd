#include "probes/redis.hpp"

#include "catch.hpp"
#include "integration/readings.hpp"
#include "integration/servers.hpp"
#include "wire/redis_connection.hpp"

using namespace squall;
using namespace squall::testing;
using namespace squall::probes;
using namespace std::chrono_literals;
using wire::RedisConnection;

TEST_CASE("clients are counted by name, without probes, and keys with the memory they take")
{
    asio::io_context io;
    RedisServer server;
    const auto probe = make_redis_probe("cache", server.url());
    const auto another = make_redis_probe("other", server.url());
    REQUIRE_FALSE(read(io, *another).failure.has_value());

    const auto alone = values_of(read(io, *probe));
    CHECK(alone.at("cache.connected_clients") == 0);
    CHECK(alone.at("cache.keys") == 0);
    CHECK(alone.at("cache.used_memory") > 100'000);
    CHECK(alone.at("cache.rejected_connections") == 0);
    CHECK(alone.at("cache.evicted_keys") == 0);

    std::vector<RedisConnection> clients;
    for (const std::string name : {"api", "api", "api", ""}) {
        clients.emplace_back(io.get_executor());
        REQUIRE(run_task(io, clients.back().connect(server.url(), name, in(10s))).has_value());
    }
    const std::vector<std::string> set{"SET", "k", std::string(1'000'000, 'x')};
    REQUIRE(run_task(io, clients[0].command(set, in(10s))).has_value());

    const auto busy = values_of(read(io, *probe));
    CHECK(busy.at("cache.connected_clients") == 4);
    CHECK(busy.at("cache.clients{name=api}") == 3);
    CHECK(busy.at("cache.clients{name=none}") == 1);
    CHECK(busy.at("cache.keys") == 1);
    CHECK(busy.at("cache.used_memory") >= alone.at("cache.used_memory") + 1'000'000);
    CHECK(busy.at("cache.total_connections_received") >= 6);

    CHECK(busy.at("cache.clients{user=default}") == 4);
    CHECK(busy.at("cache.clients{host=127.0.0.1}") == 4);
    CHECK(busy.at("cache.fragmentation_ratio") > 0);
    CHECK(busy.at("cache.maxmemory") == 0);
    CHECK_FALSE(busy.contains("cache.memory_ratio")); // of no limit there is no share

    SECTION("keys are counted by database, those that expire apart; what is subscribed to, and memory of its limit")
    {
        const auto say = [&](std::vector<std::string> words) {
            REQUIRE(run_task(io, clients[1].command(std::move(words), in(10s))).has_value());
        };
        say({"SELECT", "3"});
        say({"SET", "a", "1", "EX", "1000"});
        say({"SET", "b", "1"});
        say({"CONFIG", "SET", "maxmemory", "100mb"});
        say({"CLIENT", "TRACKING", "ON"});
        say({"SCRIPT", "LOAD", "return 1"});
        const auto full = values_of(read(io, *probe));
        CHECK(full.at("cache.keys") == 3);
        CHECK(full.at("cache.keys{db=0}") == 1);
        CHECK(full.at("cache.keys{db=3}") == 2);
        CHECK(full.at("cache.expiring_keys") == 1);
        CHECK(full.at("cache.tracking_clients") == 1);
        CHECK(full.at("cache.cached_scripts") == 1);
        CHECK(full.at("cache.memory_ratio") == Approx(full.at("cache.used_memory") / (100 << 20)));
        say({"FLUSHDB"});
        const auto flushed = values_of(read(io, *probe));
        CHECK(flushed.at("cache.keys{db=3}") == 0);
        CHECK(flushed.at("cache.expiring_keys") == 0);
        for (const auto& [name, value] : flushed) {
            const auto known = redis_gauge_names();
            CAPTURE(name);
            CHECK(std::ranges::find(known, name.substr(6, name.find('{') - 6)) != known.end());
        }
    }
    SECTION("a name that is gone reads 0")
    {
        clients.clear();
        const auto none =
            read_until(io, *probe, [](const Values& now) { return now.at("cache.connected_clients") == 0; });
        CHECK(none.at("cache.clients{name=api}") == 0);
    }
    SECTION("a server that dies is a failure, and no exception")
    {
        server.kill();
        for (int round = 0; round < 3; ++round) {
            const auto reading = read(io, *probe);
            REQUIRE(reading.failure.has_value());
            CHECK(reading.failure->find("secret") == std::string::npos);
        }
    }
}
