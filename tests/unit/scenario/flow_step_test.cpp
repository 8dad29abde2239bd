// Steps that order other steps, and what follows a step that failed.
#include "support.hpp"

using namespace squall::scenario;
using namespace squall::scenario::testing;
using namespace std::chrono_literals;

namespace {

std::vector<Step> steps_of(const std::string& text)
{
    return parsed("[[user]]\nname = \"u\"\narrival = { closed = 1 }\n" + text).users.at(0).steps;
}

Lines problems_of(const std::string& text)
{
    return problems("[[user]]\nname = \"u\"\narrival = { closed = 1 }\n" + text);
}

Condition condition_of(const std::string& text)
{
    const auto steps = steps_of("[[user.step]]\nif = \"" + text + "\"\nstep = [{ pause = \"1s\" }]\n");
    return std::get<IfStep>(steps.at(0).action).condition;
}

} // namespace

TEST_CASE("steps stand in steps, as deep as one likes")
{
    const auto steps = steps_of(R"toml(
[[user.step]]
group = "shop"
  [[user.step.step]]
  repeat = "${n}"
    [[user.step.step.step]]
    http = "GET ${api}/item"
  [[user.step.step]]
  pause = "1s..3s"
[[user.step]]
  [[user.step.choose]]
  weight = 7
  step = [{ http = "GET ${api}/read" }]
  [[user.step.choose]]
  step = [{ end = "iteration" }]
)toml");
    REQUIRE(steps.size() == 2);
    CHECK(steps[0].name == "shop");
    const auto& inside = std::get<GroupStep>(steps[0].action).steps;
    REQUIRE(inside.size() == 2);
    const auto& repeat = std::get<RepeatStep>(inside[0].action);
    CHECK(repeat.times.source == "${n}");
    CHECK(std::get<HttpStep>(repeat.steps.at(0).action).method == "GET");
    CHECK(std::get<PauseStep>(inside[1].action).length.high == 3s);
    const auto& ways = std::get<ChooseStep>(steps[1].action).ways;
    REQUIRE(ways.size() == 2);
    CHECK(ways[0].weight == 7);
    CHECK(ways[1].weight == 1);

    const auto sending = sending_steps(steps);
    REQUIRE(sending.size() == 2);
    CHECK(sending[0]->name == "GET /item");
    CHECK(sending[1]->name == "GET /read");
}

TEST_CASE("a condition is a comparison, or a value alone")
{
    using Comparison = Condition::Comparison;
    CHECK(condition_of("${token}").comparison == Comparison::is_true);
    const auto equal = condition_of("${status} == 'in progress'");
    CHECK(equal.comparison == Comparison::equal);
    CHECK(equal.left.source == "${status}");
    CHECK(equal.right.source == "in progress");
    CHECK(condition_of("${n} <= 3").comparison == Comparison::less_or_equal);
    CHECK(condition_of("${n} < 3").comparison == Comparison::less);
    CHECK(condition_of("${text} contains a == b").comparison == Comparison::contains);
    CHECK(condition_of("${text} contains a == b").right.source == "a == b");
    CHECK(condition_of("${text} matches ^a+$").right.source == "^a+$");
}

TEST_CASE("a condition that cannot be one is a problem")
{
    const auto problem = [](const std::string& text) {
        return problems_of("[[user.step]]\nif = \"" + text + "\"\nstep = [{ pause = \"1s\" }]\n").at(0);
    };
    CHECK(problem("yes").find("\"yes\" is always the same; expected a condition such as") != std::string::npos);
    CHECK(problem(" ").find("the condition is empty; expected a condition such as") != std::string::npos);
    CHECK(problem("${a} matches (").find("user[u].step") != std::string::npos);
}

TEST_CASE("what follows a failure is a word, a poll or steps")
{
    const auto steps = steps_of(R"toml(
[[user.step]]
http = "GET ${api}/a"
on_error = "continue"
on_timeout = { poll = "GET ${api}/late", every = "200ms", for = "5s" }
[[user.step]]
http = "GET ${api}/b"
  [[user.step.on_error]]
  http = "GET ${api}/why"
)toml");
    CHECK(steps[0].on_error.kind == Reaction::Kind::go_on);
    REQUIRE(steps[0].on_timeout);
    REQUIRE(steps[0].on_timeout->poll);
    CHECK(steps[0].on_timeout->poll->every == 200ms);
    CHECK(steps[0].on_timeout->poll->length == 5s);
    CHECK(steps[1].on_error.kind == Reaction::Kind::steps);
    CHECK_FALSE(steps[1].on_timeout);
    CHECK(sending_steps(steps).size() == 3);
    CHECK(problems_of("[[user.step]]\nhttp = \"GET ${api}/\"\non_error = \"contine\"\n")
              .at(0)
              .find("did you mean \"continue\"?") != std::string::npos);
    CHECK(problems_of("[[user.step]]\nhttp = \"GET ${api}/\"\non_timeout = 5\n").at(0).find("expected \"continue\"") !=
          std::string::npos);
}

TEST_CASE("a step that sends nothing has no timeout and no error")
{
    CHECK(problems_of("[[user.step]]\npause = \"1s\"\ntimeout = \"2s\"\n") ==
          Lines{"s.toml:6:1: user[u].step[1s].timeout: timeout belongs to a step that sends something; expected it on "
                "the steps inside"});
}
