#include "plan/cycles.hpp"
#include "scenario_builder.hpp"

#include "catch.hpp"

#include <numeric>

using namespace squall;
using namespace squall::plan;
using namespace std::chrono_literals;
using scenario::LeakCheck;

namespace {

scenario::Scenario standard()
{
    auto scenario = small_scenario();
    scenario.leak_check = LeakCheck::standard;
    scenario.duration = 60s;
    scenario.primer = 6s;
    scenario.quiesce = 5s;
    scenario.warm_up = 2s;
    return scenario;
}

std::vector<int> doses(const Plan& plan)
{
    std::vector<int> all;
    for (const auto& cycle : plan.phases.cycles) {
        all.push_back(cycle.repeats);
    }
    return all;
}

} // namespace

TEST_CASE("quick is one cycle of one dose with the scenario's own mix")
{
    auto scenario = standard();
    scenario.leak_check = LeakCheck::quick;
    const auto plan = make_plan(scenario).plan;
    REQUIRE(plan);
    CHECK(doses(*plan) == std::vector<int>{1});
    CHECK(plan->phases.cycles[0].mix.empty());
    CHECK(plan->phases.total() == 6s + 5s + 2s + 60s + 5s);
    CHECK(plan->notes.empty());
}

TEST_CASE("standard is six cycles, and the length of the run is that of all of them")
{
    const auto plan = make_plan(standard()).plan;
    REQUIRE(plan);
    CHECK(doses(*plan) == std::vector<int>{1, 1, 1, 1, 1, 8});
    CHECK(plan->phases.doses() == 13);
    CHECK(plan->phases.total() == 6s + 5s + 2s + 13 * 60s + 6 * 5s);
    const auto longer = with_doses(*plan, 3);
    CHECK(doses(longer) == std::vector<int>{3, 3, 3, 3, 3, 24});
    CHECK(longer.phases.total() == 6s + 5s + 2s + 39 * 60s + 6 * 5s);
}

TEST_CASE("populations vary against each other, with weights that can be compared")
{
    auto scenario = standard();
    scenario.users = {user_of("planner", {step_of("a", "${api}/")}), user_of("browser", {step_of("b", "${api}/")})};
    scenario.users[0].arrival.model = scenario::ClosedArrival{300};
    scenario.users[1].arrival.model = scenario::ClosedArrival{100};
    auto plan = make_plan(scenario).plan;
    REQUIRE(plan);
    bool varies = false;
    for (const auto& cycle : plan->phases.cycles) {
        REQUIRE(cycle.mix.size() == 2);
        CHECK(300 * cycle.mix[0] + 100 * cycle.mix[1] == Approx(400));
        varies = varies || cycle.mix[1] > 1.3;
    }
    CHECK(varies);
    CHECK(plan->notes.empty());

    SECTION("users and rates weigh alike")
    {
        scenario.users[1].arrival.model = scenario::RateArrival{Rate::per_second(5)};
        plan = make_plan(scenario).plan;
        for (const auto& cycle : plan->phases.cycles) {
            CHECK(cycle.mix[0] + cycle.mix[1] == Approx(2));
        }
    }
    SECTION("of five, two vary together and the run says which")
    {
        for (const auto* name : {"c", "d", "e"}) {
            scenario.users.push_back(user_of(name, {step_of(name, "${api}/")}));
            scenario.users.back().arrival.model = scenario::ClosedArrival{10};
        }
        plan = make_plan(scenario).plan;
        REQUIRE(plan->notes.size() == 1);
        CHECK(plan->notes[0].starts_with("the users planner and e vary together"));
    }
}

TEST_CASE("where there is one population its choices vary")
{
    auto scenario = standard();
    scenario::ChooseStep choose;
    choose.ways = {{"often", 3, {step_of("x", "${api}/x")}}, {"seldom", 1, {step_of("y", "${api}/y")}}};
    scenario::Step step;
    step.action = choose;
    scenario.users[0].steps = {step};
    const auto plan = make_plan(scenario).plan;
    REQUIRE(plan);
    CHECK(plan->notes.empty());
    const auto found = std::ranges::find_if(plan->populations[0].journey, [](const Instruction& instruction) {
        return std::holds_alternative<Choose>(instruction);
    });
    REQUIRE(found != plan->populations[0].journey.end());
    const auto& by_cycle = std::get<Choose>(*found).by_cycle;
    REQUIRE(by_cycle.size() == 6);
    for (const auto& weights : by_cycle) {
        CHECK(std::accumulate(weights.begin(), weights.end(), 0) == Approx(4000).margin(1));
    }
    CHECK(by_cycle[0] != by_cycle[1]);
    CHECK(by_cycle[5] == std::vector<int>{3000, 1000});
}

TEST_CASE("a journey without choices cannot vary, and the run says so")
{
    const auto plan = make_plan(standard()).plan;
    REQUIRE(plan->notes.size() == 1);
    CHECK(plan->notes[0].find("the mix of the traffic cannot vary") != std::string::npos);
    CHECK(plan->phases.cycles[0].mix.empty());
}
