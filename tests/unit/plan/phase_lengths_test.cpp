#include "plan/phase_lengths.hpp"
#include "scenario_builder.hpp"

#include "catch.hpp"

using namespace squall;
using namespace squall::plan;
using namespace std::chrono_literals;
using scenario::LeakCheck;

namespace {

scenario::Scenario with_pool(Duration idle_timeout, LeakCheck level = LeakCheck::quick, Duration duration = 60s)
{
    auto scenario = small_scenario();
    scenario.duration = duration;
    scenario.leak_check = level;
    scenario.stack.postgres.emplace();
    scenario.stack.target.emplace().pool.idle_timeout = idle_timeout;
    return scenario;
}

std::string reasons(const PhaseLengths& lengths)
{
    std::string all;
    for (const auto& reason : lengths.reasons) {
        all += reason + "\n";
    }
    return all;
}

} // namespace

TEST_CASE("what the scenario gives is taken as it is, and needs no reason")
{
    auto scenario = with_pool(10s);
    scenario.primer = 3s;
    scenario.quiesce = 1s;
    const auto lengths = phase_lengths(scenario);
    CHECK(lengths.primer == 3s);
    CHECK(lengths.settle == 1s);
    CHECK(lengths.quiesce == 1s);
    CHECK(lengths.reasons.empty());
}

TEST_CASE("without a timeout in the stack quiesce is five seconds, twenty where memory is judged over several cycles")
{
    auto scenario = small_scenario();
    scenario.duration = 60s;
    CHECK(phase_lengths(scenario).quiesce == 5s);
    scenario.checks = {{{}, "leak[api.rss] < 1MiB/h", std::nullopt}};
    CHECK(phase_lengths(scenario).quiesce == 5s);
    scenario.leak_check = LeakCheck::standard;
    CHECK(phase_lengths(scenario).quiesce == 20s);
    CHECK(reasons(phase_lengths(scenario)).find("quiesce 20s: a process's memory is judged") != std::string::npos);
    scenario.duration = 8s;
    CHECK(phase_lengths(scenario).quiesce == 8s);
    scenario.checks = {{{}, "response_time[rss.rss].p99 < 1s", std::nullopt}, {{}, "leak[api.fds] < 1/h", {}}};
    CHECK(phase_lengths(scenario).quiesce == 5s);
}

TEST_CASE("quiesce waits until idle connections are closed, and says for what")
{
    SECTION("with a margin of the level, and a last third in which all is closed")
    {
        CHECK(phase_lengths(with_pool(4s)).quiesce == 6s); // 2 s of margin, or half as much again
        CHECK(phase_lengths(with_pool(8s)).quiesce == 12s);
        const auto lengths = phase_lengths(with_pool(10s, LeakCheck::standard));
        CHECK(lengths.quiesce == 20s);
        CHECK(lengths.settle == 20s);
        CHECK(reasons(lengths).find("quiesce 20s: target.pool closes idle connections after 10s\n") !=
              std::string::npos);
        CHECK(phase_lengths(with_pool(30s, LeakCheck::standard)).quiesce == 45s);
        CHECK(phase_lengths(with_pool(2min, LeakCheck::certify, 1h)).quiesce == 3min);
    }
    SECTION("but not longer than the level has patience for")
    {
        for (const auto& scenario : {with_pool(11s), with_pool(50s, LeakCheck::standard), with_pool(10min),
                                     with_pool(10min, LeakCheck::certify, 1h)}) {
            const auto lengths = phase_lengths(scenario);
            CHECK(lengths.quiesce == 5s);
            CHECK(reasons(lengths).find("which is not waited for") != std::string::npos);
        }
    }
    SECTION("nor much longer than a short load")
    {
        CHECK(phase_lengths(with_pool(8s, LeakCheck::quick, 5s)).quiesce == 5s);
        CHECK(phase_lengths(with_pool(10s, LeakCheck::standard, 5s)).quiesce == 5s);
        CHECK(phase_lengths(with_pool(10s, LeakCheck::standard, 20s)).quiesce == 20s);
    }
    SECTION("for the longest of those that it waits for")
    {
        auto scenario = with_pool(10min, LeakCheck::standard);
        scenario.stack.pgbouncer.emplace().settings = {{"server_idle_timeout", "12"}, {"client_idle_timeout", "0"}};
        scenario.stack.redis.emplace().settings = {{"timeout", "20"}};
        const auto lengths = phase_lengths(scenario);
        CHECK(lengths.quiesce == 32s); // 20 + 1 until it looks + 10, and so all is closed at 21 of 32
        CHECK(reasons(lengths).find("quiesce 32s: redis.timeout closes idle clients after 20s") != std::string::npos);
    }
}

TEST_CASE("timeouts are read in the units of their servers")
{
    scenario::StackSpec stack;
    stack.postgres.emplace().settings = {{"idle_session_timeout", "9000"},
                                         {"idle_in_transaction_session_timeout", " 2min "}};
    stack.pgbouncer.emplace().settings = {{"server_idle_timeout", "7.5"}};
    const auto found = idle_timeouts(stack);
    REQUIRE(found.size() == 3);
    CHECK(found[0].who == "pgbouncer.server_idle_timeout");
    CHECK(found[0].after == 7500ms);
    CHECK(found[1].after == 9s);
    CHECK(found[2].after == 2min);

    stack.postgres->settings = {{"idle_session_timeout", "0"}, {"idle_in_transaction_session_timeout", "soon"}};
    stack.pgbouncer->settings = {{"server_idle_timeout", "3 parsecs"}};
    CHECK(idle_timeouts(stack).empty());
}

TEST_CASE("the primer is a tenth of the load, at most ten seconds")
{
    auto scenario = small_scenario();
    scenario.duration = 60s;
    CHECK(phase_lengths(scenario).primer == 6s);
    CHECK(reasons(phase_lengths(scenario)).find("primer 6s: a tenth of the load") != std::string::npos);
    scenario.duration = 1h;
    CHECK(phase_lengths(scenario).primer == 10s);
    scenario.primer = 0s;
    CHECK(phase_lengths(scenario).settle == 0s);
}
