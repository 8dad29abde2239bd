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
