// What the target serves, and how it starts and ends.
#include "integration/target/target_process.hpp"

#include <atomic>
#include <thread>

using namespace squall::testing;

namespace {

/// `count` clients at once, each with a connection of its own.
template <typename Use>
void in_parallel(int count, Use use)
{
    std::vector<std::jthread> clients;
    for (int i = 0; i < count; ++i) {
        clients.emplace_back([&use, i] { use(i); });
    }
}

std::int64_t sum_of_states(const boost::json::object& status)
{
    std::int64_t sum = 0;
    for (const auto* state : {"idle", "acquired", "constructing", "validating", "resetting", "closing"}) {
        sum += status.at(state).as_int64();
    }
    return sum;
}

} // namespace

TEST_CASE("a user logs in and sees the meals of the week, and nobody else does")
{
    const PostgresServer postgres;
    const TargetProcess target(postgres.url(), {"--set", "pool.max=3"});
    auto client = target.client();

    const auto login = client.login("user7", "correct horse");
    REQUIRE(login.status == 200);
    const std::string token(login.json().at("token").as_string());
    const auto meals = client.get("/meals", token);
    CHECK(meals.status == 200);
    CHECK(meals.json().at("meals").as_array().size() == 7);

    CHECK(client.login("user7", "wrong").status == 401);
    CHECK(client.login("nobody", "correct horse").status == 401);
    CHECK(client.login("'; DROP TABLE users; --", "x").status == 401);
    CHECK(client.get("/meals", token + "0").status == 401);
    CHECK(client.get("/meals").status == 401);
    CHECK(client.send(http::verb::post, "/login", "{\"user\": 1").status == 400);
    CHECK(client.send(http::verb::post, "/login", "{\"user\": \"user7\"}").status == 400);
    CHECK(client.get("/nothing").status == 404);
    CHECK(client.get("/login").status == 405);
    for (const auto* path : {"/health/live", "/health/ready", "/health/database", "/health/memory"}) {
        CHECK(client.get(path).status == 200);
    }
    CHECK(client.get("/health/memory").json().at("rss_bytes").as_int64() > 1'000'000);
    const auto metrics = client.get("/metrics").body;
    CHECK(metrics.find("http_requests_total{route=\"/login\",status=\"401\"} 3\n") != std::string::npos);
    CHECK(metrics.find("pool_max_connections{tier=\"main\"} 3\n") != std::string::npos);
}

TEST_CASE("requests that are too large or no requests are refused and the target lives on")
{
    const PostgresServer postgres;
    const TargetProcess target(postgres.url(), {});
    CHECK(target.client().send(http::verb::post, "/login", std::string(100'000, 'x')).status == 413);
    CHECK(target.client().send_raw("GET / HTTP/1.1\r\nA: " + std::string(20'000, 'x') + "\r\n\r\n").status == 431);
    CHECK(target.client().send_raw("this is not HTTP\r\n\r\n").status == 400);
    CHECK(target.client().get("/health/live").status == 200);
}

TEST_CASE("the pool works through PgBouncer in transaction mode, for many users at once")
{
    const PostgresServer postgres;
    const PgbouncerServer pgbouncer(postgres, "transaction");
    const TargetProcess target(pgbouncer.url(), {"--set", "pool.max=10", "--set", "pool.min=2"});
    std::atomic<int> good = 0;
    in_parallel(8, [&](int number) {
        auto client = target.client();
        for (int i = 0; i < 20; ++i) {
            const auto login = client.login("user" + std::to_string(number * 20 + i), "correct horse");
            const bool in = login.status == 200;
            good += in && client.get("/meals", std::string(login.json().at("token").as_string())).status == 200 ? 1 : 0;
        }
    });
    CHECK(good == 160);
}

TEST_CASE("the pool's numbers add up at every moment under load, and it never grows past max")
{
    const PostgresServer postgres;
    const TargetProcess target(postgres.url(), {"--set", "pool.min=1", "--set", "pool.max=4"});
    std::atomic<bool> done = false;
    std::atomic<int> most_backends = 0;
    std::jthread watcher([&] {
        while (!done) {
            most_backends = std::max(most_backends.load(), backends(postgres, "meal-planner"));
        }
    });
    std::atomic<int> samples_that_add_up = 0;
    in_parallel(8, [&](int) {
        auto client = target.client();
        for (int i = 0; i < 25; ++i) {
            client.login("user1", i % 2 == 0 ? "correct horse" : "wrong");
            const auto status = client.get("/debug/pool-status").json();
            const auto total = status.at("total").as_int64();
            samples_that_add_up += total == sum_of_states(status) && total <= 4 ? 1 : 0;
        }
    });
    done = true;
    watcher.join();
    CHECK(samples_that_add_up == 8 * 25);
    CHECK(most_backends <= 4);
    const auto status = target.pool_status();
    CHECK(status.at("acquire_count").as_int64() == 8 * 25);
    CHECK(status.at("acquired").as_int64() == 0);
    CHECK(status.at("waiters").as_int64() == 0);
}

TEST_CASE("starting twice over the same database keeps its tables as they are")
{
    const PostgresServer postgres;
    {
        const TargetProcess first(postgres.url(), {});
        const TargetProcess second(postgres.url(), {});
        ask_postgres(postgres, "UPDATE users SET password = 'changed' WHERE name = 'user1'");
    }
    const TargetProcess third(postgres.url(), {});
    CHECK(third.client().login("user1", "changed").status == 200);
    CHECK(ask_postgres(postgres, "SELECT count(*) FROM users") == "1000");
}

TEST_CASE("SIGTERM ends the target within a second, with idle clients and busy ones, and leaves no backend")
{
    const PostgresServer postgres;
    TargetProcess target(postgres.url(),
                         {"--set", "pool.min=3", "--set", "pool.max=3", "--defect", "leak_on_auth_failure"});
    auto idle = target.client();
    CHECK(idle.get("/health/live").status == 200);
    for (int i = 0; i < 3; ++i) {
        CHECK(idle.login("user1", "wrong").status == 401); // and three connections are lost
    }
    std::optional<std::jthread> busy;
    busy.emplace([&target] {
        try {
            target.client().login("user1", "correct horse"); // waits for a connection that never comes
        } catch (const std::exception&) {                    // hung up on
        }
    });
    const PostgresServer& server = postgres;
    wait_until_ready([&] { return target.pool_status().at("waiters").as_int64() == 1; }, "/dev/null");
    CHECK(backends(server, "meal-planner%") == 3);

    const auto started = std::chrono::steady_clock::now();
    const int status = target.stop(SIGTERM);
    CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(1));
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    wait_until_ready([&] { return backends(server, "meal-planner%") == 0; }, "/dev/null");
}

TEST_CASE("a target that cannot start says why and exits with 1")
{
    const PostgresServer postgres;
    SECTION("the port is taken")
    {
        const SilentServer other;
        const auto ended = run_target({"--port", std::to_string(other.port()), "--database", postgres.url()});
        CHECK(ended.code == 1);
        CHECK(ended.output.find(fmt::format("port {} on 127.0.0.1 is taken", other.port())) != std::string::npos);
    }
    SECTION("the database refuses the password, which is not shown")
    {
        auto url = postgres.url();
        url.replace(url.find("secret"), 6, "hush");
        const auto ended = run_target({"--port", "0", "--database", url});
        CHECK(ended.code == 1);
        CHECK(ended.output.find("password authentication failed") != std::string::npos);
        CHECK(ended.output.find("hush") == std::string::npos);
    }
    SECTION("the database does not answer for ten seconds")
    {
        const auto started = std::chrono::steady_clock::now();
        const auto ended = run_target(
            {"--port", "0", "--database", fmt::format("postgresql://postgres@127.0.0.1:{}/postgres", free_port())});
        const auto waited = std::chrono::steady_clock::now() - started;
        CHECK(ended.code == 1);
        CHECK(ended.output.find("refused") != std::string::npos);
        CHECK(waited > std::chrono::seconds(9));
        CHECK(waited < std::chrono::seconds(13));
    }
    SECTION("a defect is unknown")
    {
        const auto ended = run_target({"--port", "0", "--database", "x", "--defect", "pool_bypas"});
        CHECK(ended.code == 1);
        CHECK(ended.output.find("did you mean \"pool_bypass\"?") != std::string::npos);
        CHECK(ended.output.find("leak_on_auth_failure") != std::string::npos);
    }
    SECTION("a duration has no unit")
    {
        const auto ended = run_target({"--port", "0", "--database", "x", "--set", "pool.acquire_timeout=30"});
        CHECK(ended.code == 1);
        CHECK(ended.output.find("pool.acquire_timeout") != std::string::npos);
        CHECK(ended.output.find("did you mean \"30s\"?") != std::string::npos);
    }
}
