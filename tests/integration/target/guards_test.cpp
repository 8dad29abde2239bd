// The reference kit inside the target, seen from outside: what the settings promise.
#include "integration/target/target_process.hpp"

#include <cstdlib>
#include <thread>

using namespace squall::testing;
using Catch::Matchers::Contains;

namespace {

Answer cached(HttpClient& client, const std::string& key)
{
    return client.get("/cached/" + key);
}

std::int64_t guard(const TargetProcess& target, const char* part, const char* what)
{
    return target.pool_status().at("guards").at(part).at(what).as_int64();
}

std::string breaker_state(const TargetProcess& target, const char* which)
{
    return std::string(target.pool_status().at("guards").at(which).at("state").as_string());
}

/// Whether it becomes true within 10 s.
template <typename Condition>
bool soon(Condition condition)
{
    for (int i = 0; i < 200; ++i) {
        if (condition()) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
}

const std::vector<std::string> everything{"--set", "tiers.auth={ max = 3 }",
                                          "--set", "tiers.analytics={ max = 2 }",
                                          "--set", "breaker.postgres={ last_calls = 20, min_calls = 5 }",
                                          "--set", "breaker.redis={ consecutive_failures = 3 }",
                                          "--set", "rate_limit={ calls = 1000, burst = 100 }",
                                          "--set", "concurrency_limit={ gradient = {} }",
                                          "--set", "shedder={ memory_limit = \"4GiB\" }",
                                          "--set", "cache={ time_to_live = \"1m\" }"};

} // namespace

TEST_CASE("with everything switched on Prometheus' own tool finds nothing wrong with the metrics")
{
    const PostgresServer postgres;
    const RedisServer redis;
    auto options = everything;
    options.insert(options.end(), {"--redis", redis.url()});
    const TargetProcess target(postgres.url(), options);
    auto client = target.client();
    const auto token = std::string(client.login("user7", "correct horse").json().at("token").as_string());
    CHECK(client.get("/meals", token).status == 200);
    CHECK(client.get("/export?kilobytes=1", token).status == 200);
    CHECK(cached(client, "a").json().at("hit") == false);
    CHECK(cached(client, "a").json().at("hit") == true);

    const auto page = client.get("/metrics").body;
    CHECK_THAT(page, Contains("pool_connections{tier=\"auth\",state=\"idle\"} 1\n"));
    CHECK_THAT(page, Contains("pool_acquire_duration_seconds_count{tier=\"auth\"} 1\n"));
    CHECK_THAT(page, Contains("breaker_state{guards=\"postgres\",state=\"closed\"} 1\n"));
    CHECK_THAT(page, Contains("cache_hits_total 1\n"));
    CHECK_THAT(page, Contains("rate_limit_admitted_total 5\n")); // not the requests for statistics
    const ServerFolder folder;
    folder.write("metrics", page);
    const auto metrics = (folder.path() / "metrics").string();
    ChildProcess check({"/bin/sh", "-c", "promtool check metrics < '" + metrics + "' >'" + metrics + ".said' 2>&1"},
                       folder.path() / "log", false);
    const int status = check.wait();
    std::ifstream file(metrics + ".said");
    const std::string said{std::istreambuf_iterator<char>(file), {}};
    INFO(said);
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("tiers keep their connections: a flood of reports takes none of those for logins")
{
    const PostgresServer postgres(40);
    const TargetProcess target(postgres.url(), {"--set", "pool.max=5", "--set", "tiers.auth={ min = 2, max = 2 }",
                                                "--set", "pool.acquire_timeout=300ms", "--set",
                                                "tiers.analytics={ max = 5, acquire_timeout = \"300ms\" }"});
    std::vector<std::thread> reports;
    std::atomic<int> finished{0};
    for (int i = 0; i < 12; ++i) {
        reports.emplace_back([&] {
            const auto answer = target.client().get("/report?milliseconds=1500");
            finished += answer.status == 200 ? 1 : 0;
        });
    }
    CHECK(soon([&] {
        return target.pool_status().at("tiers").at("analytics").at("acquired").as_int64() == 3; // five less auth's two
    }));
    CHECK(target.client().login("user1", "correct horse").status == 200);
    for (auto& report : reports) {
        report.join();
    }
    CHECK(finished == 3);
    CHECK(backends(postgres, "meal-planner") <= 5);
}

TEST_CASE("a breaker opens when Redis is gone, answers at once, and says when to come again")
{
    const PostgresServer postgres;
    RedisServer redis;
    const TargetProcess target(postgres.url(),
                               {"--redis", redis.url(), "--set",
                                "breaker.redis={ consecutive_failures = 3, open_wait = \"5m\" }", "--set",
                                "redis_pool={ acquire_timeout = \"200ms\", connect_timeout = \"200ms\" }"});
    auto client = target.client();
    CHECK(cached(client, "a").status == 200);
    CHECK(breaker_state(target, "redis_breaker") == "closed");
    redis.kill();
    for (int i = 0; i < 3; ++i) {
        CHECK(cached(client, "a").status == 503);
    }
    CHECK(breaker_state(target, "redis_breaker") == "open");
    const auto begun = std::chrono::steady_clock::now();
    CHECK(cached(client, "a").status == 503);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(1));
    CHECK(guard(target, "redis_breaker", "rejected") == 1);
    CHECK(guard(target, "redis_breaker", "failures") == 3);
}

TEST_CASE("more requests than the rate lets in are told to come again")
{
    const PostgresServer postgres;
    const TargetProcess target(postgres.url(),
                               {"--set", "rate_limit={ calls = 1, period = \"1h\", burst = 3, max_waiters = 0 }"});
    auto client = target.client();
    for (int i = 0; i < 3; ++i) {
        CHECK(client.login("user1", "correct horse").status == 200);
    }
    const auto refused = client.login("user1", "correct horse");
    CHECK(refused.status == 429);
    CHECK(refused.json().at("error") == "rate_limited");
    CHECK(refused.json().at("retry_after_seconds").to_number<double>() > 3000);
    CHECK(refused.header("Retry-After") == "3600");
    CHECK(client.get("/health/ready").status == 200); // how it is can always be asked
    CHECK(guard(target, "rate_limit", "admitted") == 3);
    CHECK(guard(target, "rate_limit", "rejected") == 1);
}

TEST_CASE("more requests at a time than the limit wait in a bounded queue")
{
    const PostgresServer postgres;
    const TargetProcess target(postgres.url(),
                               {"--set", "concurrency_limit={ fixed = 2, max_waiters = 1, codel = \"off\" }"});
    std::vector<std::thread> reports;
    std::atomic<int> answered{0};
    std::atomic<int> refused{0};
    for (int i = 0; i < 5; ++i) {
        reports.emplace_back([&] {
            const auto answer = target.client().get("/report?milliseconds=500");
            (answer.status == 200 ? answered : refused) += 1;
        });
    }
    for (auto& report : reports) {
        report.join();
    }
    CHECK(answered == 3);
    CHECK(refused == 2);
    CHECK(guard(target, "concurrency_limit", "in_flight") == 0);
    CHECK(guard(target, "concurrency_limit", "rejected") == 2);
}

TEST_CASE("requests are shed while memory is short")
{
    const PostgresServer postgres;
    const TargetProcess target(postgres.url(), {"--set", "shedder={ memory_limit = \"1MiB\" }"});
    const auto refused = target.client().login("user1", "correct horse");
    CHECK(refused.status == 503);
    CHECK(refused.json().at("error") == "shed");
    CHECK(target.client().get("/health/live").status == 200);
}

TEST_CASE("a meal that was added is there from then on")
{
    const PostgresServer postgres;
    const TargetProcess target(postgres.url(), {});
    auto client = target.client();
    const auto token = std::string(client.login("user9", "correct horse").json().at("token").as_string());
    const auto add = [&](const std::string& body, const std::string& as) {
        return client.send(http::verb::post, "/meals", body, as).status;
    };
    CHECK(add(R"({"day":8,"name":"soup","calories":300})", token) == 200);
    CHECK(add(R"({"day":8,"name":"stew","calories":301})", token) == 200);
    CHECK_THAT(client.get("/meals", token).body, Contains(R"({"day":8,"name":"stew","calories":301})"));
    CHECK(add(R"({"day":0,"name":"soup","calories":300})", token) == 400);
    CHECK(add(R"({"day":"8","name":"soup","calories":300})", token) == 400);
    CHECK(add("[]", token) == 400);
    CHECK(add("{", token) == 400);
    CHECK(add(R"({"day":8,"name":"soup","calories":300})", "no token") == 401);
}

TEST_CASE("a connection that does not come back is reported with the place that took it")
{
    const PostgresServer postgres;
    const TargetProcess target(postgres.url(),
                               {"--set", "pool.leak_detection_threshold=50ms", "--defect", "leak_on_auth_failure"});
    CHECK(target.client().login("user1", "wrong").status == 401);
    CHECK(soon([&] { return target.pool_status().at("suspected_leaks").as_int64() == 1; }));
    CHECK_THAT(target.said(), Contains("login_connection.cpp:") && Contains("has been out for"));
}
