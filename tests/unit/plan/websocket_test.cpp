#include "plan/plan.hpp"
#include "scenario/parse.hpp"

#include "catch.hpp"

namespace squall::plan {
namespace {

PlanOutcome plan_of(const std::string& keys)
{
    auto parsed =
        scenario::parse_text("[endpoints]\nws = \"ws://127.0.0.1:9\"\n[[user]]\nname = \"u\"\narrival = { closed = 1 "
                             "}\n[[user.step]]\nname = \"room\"\n" +
                                 keys,
                             "s.toml", {});
    REQUIRE(parsed.problems.empty());
    return make_plan(parsed.scenario);
}

std::string problem_of(const std::string& keys)
{
    const auto outcome = plan_of(keys);
    REQUIRE(outcome.problems.size() == 1);
    return outcome.problems[0].message;
}

} // namespace

TEST_CASE("a WebSocket step has samples of its parts behind its own")
{
    const auto outcome = plan_of("ws = \"${ws}/a\"\nhold = \"1s\"\nping = { every = \"1s\" }\n"
                                 "say = { text = \"x ${ws.id}\", echo = true }\n[[user.step]]\nname = \"next\"\n"
                                 "ws = \"${ws}/b\"\n");
    REQUIRE(outcome.plan);
    CHECK(outcome.plan->step_names ==
          std::vector<std::string>{"room", "room/echo", "room/ping", "room/close", "next", "next/close"});
    const auto& steps = outcome.plan->populations[0].steps;
    CHECK(steps[0].first_part == 1);
    CHECK(steps[0].part_count == 3);
    CHECK(steps[1].id == 4);
    CHECK(std::get<WebSocketAction>(steps[0].action).url.constant == "ws://127.0.0.1:9/a");
}

TEST_CASE("what is wrong with a WebSocket step is found before anything starts")
{
    CHECK(problem_of("ws = \"http://127.0.0.1/\"\n").find("not a ws or wss URL") != std::string::npos);
    CHECK(problem_of("ws = \"/rooms\"\n").find("names no host") != std::string::npos);
    CHECK(problem_of("ws = \"ws://example.com/\"\n").find("allow_hosts") != std::string::npos);
    CHECK(problem_of("ws = \"${ws}/\"\nsay = { text = \"x\", echo = true }\n").find("${ws.id}") != std::string::npos);
    CHECK(problem_of("ws = \"${ws}/${ws.id}\"\n").find("ws.id") != std::string::npos);
}

} // namespace squall::plan
