#include "plan/plan.hpp"

#include "catch.hpp"
#include "scenario_builder.hpp"

namespace squall::plan {
namespace {

scenario::Scenario with_classes_of(const std::string& service)
{
    auto scenario = small_scenario();
    scenario.memory_classes.push_back({{"s.toml", 3, 20, "memory_classes." + service}, service, {{1}, {2}, {3}}});
    return scenario;
}

std::string problem_of(const scenario::Scenario& scenario)
{
    const auto outcome = make_plan(scenario);
    return outcome.problems.empty() ? "none" : to_string(outcome.problems.front());
}

} // namespace

TEST_CASE("memory classes belong to services that are watched as processes")
{
    auto scenario = with_classes_of("target");
    scenario.endpoints.clear();
    scenario.stack.postgres.emplace();
    SECTION("a part of the stack")
    {
        scenario.stack.target.emplace();
        const auto outcome = make_plan(scenario);
        REQUIRE(outcome.plan);
        REQUIRE(outcome.plan->memory_classes.size() == 1);
        CHECK(outcome.plan->memory_classes[0].thresholds.critical.bytes == 2);
    }
    SECTION("one that is not there is told with those that are")
    {
        scenario.memory_classes[0].service = "redis";
        scenario.stack.target.emplace();
        CHECK(problem_of(scenario) == "s.toml:3:20: memory_classes.target: there is no process \"redis\" to watch; "
                                      "expected one of postgres, target");
        scenario.memory_classes[0].service = "tarket";
        CHECK(problem_of(scenario).find("did you mean \"target\"?") != std::string::npos);
    }
}

TEST_CASE("a probe of a process may have memory classes, another probe may not")
{
    auto scenario = with_classes_of("mine");
    CHECK(problem_of(scenario).find("starts no service and has no probe of a process") != std::string::npos);

    scenario::Probe probe;
    probe.name = "mine";
    probe.source = scenario::FilesProbe{scenario::parse_template("/tmp/*", {}).value()};
    scenario.probes.push_back(probe);
    CHECK(problem_of(scenario) != "none");
    scenario.probes[0].source = scenario::ProcessProbe{scenario::parse_template("17", {}).value()};
    CHECK(problem_of(scenario) == "none");
}

} // namespace squall::plan
