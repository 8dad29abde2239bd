// Each defect does what its name says, and without it nothing of the kind happens.
#include "integration/target/target_process.hpp"

using namespace squall::testing;

namespace {

std::int64_t direct(const boost::json::object& status, const char* what)
{
    return status.at("direct").as_object().at(what).as_int64();
}

/// How many of `count` failing logins were answered with `expected`.
int failing_logins(const TargetProcess& target, int count, unsigned expected = 401)
{
    auto client = target.client();
    int answered = 0;
    for (int i = 0; i < count; ++i) {
        answered += client.login("user" + std::to_string(i), "wrong").status == expected ? 1 : 0;
    }
    return answered;
}

} // namespace

TEST_CASE("without defects failing logins stay within the pool")
{
    const PostgresServer postgres(60);
    const TargetProcess target(postgres.url(), {"--set", "pool.max=5", "--set", "pool.acquire_timeout=5s"});
    CHECK(failing_logins(target, 60) == 60);
    CHECK(backends(postgres, "meal-planner") <= 5);
    CHECK(backends(postgres, "meal-planner-auth") == 0);
    const auto status = target.pool_status();
    CHECK(status.at("acquired").as_int64() == 0);
    CHECK(direct(status, "opened") == 0);
}

TEST_CASE("leak_on_auth_failure loses one pooled connection for each wrong password until the pool is dry")
{
    const PostgresServer postgres;
    const TargetProcess target(postgres.url(), {"--set", "pool.max=4", "--set", "pool.acquire_timeout=200ms",
                                                "--defect", "leak_on_auth_failure"});
    const auto right = target.client().login("user1", "correct horse");
    CHECK(right.status == 200);
    CHECK(target.pool_status().at("acquired").as_int64() == 0);

    CHECK(failing_logins(target, 4) == 4);
    CHECK(target.pool_status().at("acquired").as_int64() == 4);
    CHECK(failing_logins(target, 2, 503) == 2);
    auto client = target.client();
    const auto refused = client.get("/meals", std::string(right.json().at("token").as_string()));
    CHECK(refused.status == 503);
    CHECK(refused.json().at("error") == "acquire_timeout");
    CHECK(client.get("/health/database").json().at("class") == "emergency");
    CHECK(backends(postgres, "meal-planner") == 4);
}

TEST_CASE("pool_bypass opens a connection outside the pool for every login and closes it")
{
    const PostgresServer postgres;
    const TargetProcess target(postgres.url(), {"--set", "pool.max=4", "--defect", "pool_bypass"});
    CHECK(failing_logins(target, 10) == 10);
    CHECK(target.client().login("user1", "correct horse").status == 200);
    const auto status = target.pool_status();
    CHECK(direct(status, "opened") == 11);
    CHECK(direct(status, "open") == 0);
    CHECK(status.at("acquire_count").as_int64() == 0);
    wait_until_ready([&] { return backends(postgres, "meal-planner-auth") == 0; }, "/dev/null");
}

TEST_CASE("both together pile up connections far beyond the pool, around PgBouncer too")
{
    const PostgresServer postgres(60);
    const PgbouncerServer pgbouncer(postgres, "transaction");
    const TargetProcess target(pgbouncer.url(), {"--bypass-database", postgres.url(), "--set", "pool.max=5", "--defect",
                                                 "pool_bypass", "--defect", "leak_on_auth_failure"});
    CHECK(failing_logins(target, 30) == 30);
    auto client = target.client();
    for (int i = 0; i < 5; ++i) {
        CHECK(client.login("user1", "correct horse").status == 200);
    }
    const auto status = target.pool_status();
    CHECK(direct(status, "opened") == 35);
    CHECK(direct(status, "open") == 30);
    CHECK(status.at("total").as_int64() <= 5);
    wait_until_ready([&] { return backends(postgres, "meal-planner-auth") == 30; }, "/dev/null");
    CHECK(client.get("/health/ready").status == 200); // the pool itself is well: nobody sees it there
}

namespace {

/// Clients of the target that Redis has.
std::size_t redis_clients(const RedisServer& redis)
{
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket socket(io);
    socket.connect({boost::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(redis.port())});
    boost::asio::write(socket, boost::asio::buffer(std::string("AUTH secret\r\nCLIENT LIST\r\nQUIT\r\n")));
    std::string all;
    boost::system::error_code end;
    boost::asio::read(socket, boost::asio::dynamic_buffer(all), end);
    std::size_t count = 0;
    for (auto at = all.find("name=squall-target"); at != std::string::npos;
         at = all.find("name=squall-target", at + 1)) {
        ++count;
    }
    return count;
}

} // namespace

TEST_CASE("what is cached comes from Redis the second time, over few connections")
{
    const PostgresServer postgres;
    const RedisServer redis;
    const TargetProcess target(postgres.url(), {"--redis", redis.url()});
    auto client = target.client();
    const auto first = client.get("/cached/soup");
    CHECK(first.status == 200);
    CHECK(first.json().at("hit") == false);
    const auto second = client.get("/cached/soup");
    CHECK(second.json().at("hit") == true);
    CHECK(second.json().at("value") == first.json().at("value"));
    for (int call = 0; call < 50; ++call) {
        client.get("/cached/" + std::to_string(call));
    }
    CHECK(redis_clients(redis) <= 9); // the pool's, and that of readiness
    CHECK(client.get("/cached/").status == 404);
    CHECK(client.send(http::verb::post, "/cached/soup").status == 405);
}

TEST_CASE("redis_connection_per_call leaves a connection open for every command")
{
    const PostgresServer postgres;
    const RedisServer redis;
    const TargetProcess target(postgres.url(), {"--redis", redis.url(), "--defect", "redis_connection_per_call"});
    auto client = target.client();
    for (int call = 0; call < 20; ++call) {
        CHECK(client.get("/cached/soup").status == 200);
    }
    CHECK(redis_clients(redis) >= 20);
}

TEST_CASE("without Redis nothing is cached")
{
    const PostgresServer postgres;
    const TargetProcess target(postgres.url(), {});
    CHECK(target.client().get("/cached/soup").status == 503);
}
