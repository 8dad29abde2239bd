#include "engine/leak_check.hpp"
#include "plan/cycles.hpp"

#include "catch.hpp"

using namespace squall;
using namespace std::chrono_literals;
using scenario::LeakCheck;

namespace {

/// One open population at 50/s with two steps, of which one dose is a minute.
plan::Plan plan_of(LeakCheck level, std::vector<std::string> checks = {})
{
    plan::Plan plan;
    plan.leak_check = level;
    plan.leak_check_place = {"s.toml", 3, 14, "leak_check"};
    plan.phases.load = 60s;
    plan.phases.quiesce = 5s;
    auto& population = plan.populations.emplace_back();
    population.name = "planner";
    population.arrival.model = scenario::RateArrival{Rate::per_second(50)};
    population.steps.resize(2);
    population.journey = plan::straight_journey(2);
    for (const auto& check : checks) {
        plan.checks.push_back({{}, check, std::nullopt});
    }
    plan::plan_cycles(plan);
    plan.notes.clear();
    return plan;
}

engine::SettledPlan settled(const plan::Plan& plan)
{
    return engine::settle_doses(std::make_shared<const plan::Plan>(plan));
}

std::vector<int> doses(const plan::Plan& plan)
{
    std::vector<int> all;
    for (const auto& cycle : plan.phases.cycles) {
        all.push_back(cycle.repeats);
    }
    return all;
}

void make_closed(plan::Plan& plan)
{
    plan.populations[0].arrival.model = scenario::ClosedArrival{10};
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("a quick run says what one cycle can show, by the hour and by operations where these are known")
{
    auto plan = plan_of(LeakCheck::quick);
    CHECK(engine::forecast(plan) ==
          Lines{"leak check quick: one cycle never confirms a leak; it can show < 180/h and < "
                "0.50/1000ops (95 %, nothing leaking)"});
    make_closed(plan);
    CHECK(engine::forecast(plan) ==
          Lines{"leak check quick: one cycle never confirms a leak; it can show < 180/h (95 %, nothing leaking)"});
}

TEST_CASE("a standard run says its cycles, its length and what it can show")
{
    auto plan = plan_of(LeakCheck::standard, {"leak[api.fds] < 20/h", "leak[api.threads] < 10/h", "error_rate < 1%"});
    make_closed(plan);
    plan.notes = {"one user"};
    CHECK(
        engine::forecast(plan) ==
        Lines{
            "leak check standard: 6 cycles, doses 1 1 1 1 1 8; takes 13m 30s; can show < 13.8/h at best (95 %, nothing "
            "leaking)",
            "too short to show leak[api.threads] < 10/h: leak_check = \"certify\" makes it as long as that needs",
            "one user"});
    CHECK(settled(plan).plan->phases.doses() == 13);
}

TEST_CASE("certify makes the doses as long as the strictest check needs")
{
    // < 1/h needs 2.996 h of load, of which one minute at 13 doses is 0.217 h.
    const auto plan = settled(plan_of(LeakCheck::certify, {"leak[api.fds] < 20/h", "leak[api.threads] < 1/h"})).plan;
    REQUIRE(plan);
    CHECK(doses(*plan) == std::vector<int>{14, 14, 14, 14, 14, 112});
    const auto lines = engine::forecast(*plan);
    REQUIRE(lines.size() == 3);
    CHECK(
        lines[0].starts_with("leak check certify: 6 cycles, doses 14 14 14 14 14 112; takes 3h 2m; can show < 0.99/h"));
    CHECK(lines[1] == "can certify leak[api.fds] < 20/h");
    CHECK(lines[2] == "can certify leak[api.threads] < 1/h");

    SECTION("which may be none longer than the standard's")
    {
        CHECK(doses(*settled(plan_of(LeakCheck::certify, {"leak[api.fds] < 20/h"})).plan) ==
              std::vector<int>{1, 1, 1, 1, 1, 8});
    }
    SECTION("memory needs what the least visible amount of it takes")
    {
        // 24 MB at less than 10 MiB an hour: 2.29 h.
        CHECK(settled(plan_of(LeakCheck::certify, {"leak[api.rss] < 10MiB/h"})).plan->phases.doses() == 11 * 13);
    }
}

TEST_CASE("a bound by operations becomes time where the arrivals say how many there are")
{
    // 6000 requests a dose, 78000 in all: at < 0.01/1000ops 299.6 thousand are needed.
    auto plan = plan_of(LeakCheck::certify, {"leak[api.fds] < 0.01/1000ops"});
    CHECK(engine::planned_operations(plan) == 6000.0);
    CHECK(settled(plan).plan->phases.doses() == 4 * 13);
    SECTION("closed users do as many as they can, which is not known beforehand")
    {
        make_closed(plan);
        const auto longer = settled(plan).plan;
        CHECK(longer->phases.doses() == 13);
        REQUIRE(longer->notes.size() == 1);
        CHECK(longer->notes[0].find("the doses are not made longer for leak[api.fds] < 0.01/1000ops") !=
              std::string::npos);
        CHECK(engine::forecast(*longer).back() == longer->notes[0]);
    }
    SECTION("and so do users whose iterations differ")
    {
        plan.populations[0].journey.insert(plan.populations[0].journey.begin(), plan::Choose{{1, 1}, {1, 2}, {}});
        CHECK_FALSE(engine::planned_operations(plan).has_value());
    }
    SECTION("stages count with their slopes")
    {
        plan.populations[0].arrival.model =
            scenario::StagedRate{{{30s, Rate::per_second(100)}, {10s, Rate::per_second(100)}}};
        CHECK(engine::planned_operations(plan) == Approx(2 * (1500 + 1000 + 2000)));
    }
}

TEST_CASE("certify without anything to certify is an error at its place")
{
    const auto none = settled(plan_of(LeakCheck::certify, {"error_rate < 1%", "leak[api.fds] < 0/h"}));
    CHECK_FALSE(none.plan);
    REQUIRE(none.problem.has_value());
    CHECK(none.problem->place.line == 3);
    CHECK(none.problem->message.find("expected one such as \"leak[postgres.connections] < 1/h\"") != std::string::npos);
    const auto endless = settled(plan_of(LeakCheck::certify, {"leak[api.fds] < 0.0000001/h"}));
    REQUIRE(endless.problem.has_value());
    CHECK(endless.problem->message.find("times the duration in every cycle") != std::string::npos);
}
