#include "support.hpp"

using namespace squall::scenario;
using namespace squall::scenario::testing;
using namespace std::chrono_literals;

TEST_CASE("--set changes a value by its path, read as TOML and else as a string")
{
    const auto scenario = parsed(
        "[stack]\n" + one_user,
        with_overrides({"duration=\"5s\"", "grace = 2s", "stack.redis={}", "user.planner.arrival.closed=50",
                        "user.planner.step.login.timeout=1s", "stack.target.defects=[\"pool_bypass\"]", "name=a = b"}));
    CHECK(scenario.duration == 5s);
    CHECK(scenario.grace == 2s);
    CHECK(scenario.stack.redis.has_value());
    CHECK(std::get<ClosedArrival>(scenario.users.at(0).arrival.model).users == 50);
    CHECK(scenario.users.at(0).steps.at(0).timeout == 1s);
    CHECK(scenario.stack.target->defects == std::vector<std::string>{"pool_bypass"});
    CHECK(scenario.name == "a = b");
}

TEST_CASE("--set comes after the profile")
{
    auto options = with_overrides({"seed=3"});
    options.profile = "x";
    CHECK(parsed("[profile.x]\nseed = 2\n", options).seed == 3);
}

TEST_CASE("names with blanks stand in quotes")
{
    const std::string text = "[[user]]\nname = \"meal planner\"\narrival = { closed = 1 }\n[[user.step]]\n"
                             "http = \"GET ${api}/\"\n";
    CHECK(parsed(text, with_overrides({"user.\"meal planner\".think=2s"})).users.at(0).think.low == 2s);
}

TEST_CASE("what is wrong with --set is told with the path and no line")
{
    CHECK(problems(one_user, with_overrides({"durration=5s"})) ==
          Lines{"--set: durration: unknown key; did you mean \"duration\"?"});
    CHECK(
        problems(one_user, with_overrides({"user.planner.arrival.closed=many"})) ==
        Lines{"--set: user[planner].arrival.closed: found the string \"many\"; expected an integer from 1 to 1000000"});
    CHECK(problems(one_user, with_overrides({"user.planer.think=1s"})) ==
          Lines{"--set: user.planer: no user has the name \"planer\"; did you mean \"planner\"?"});
    CHECK(problems(one_user, with_overrides({"duration"})) ==
          Lines{"--set: \"duration\" is not a setting; expected key.path=value such as user.planner.arrival.closed=50, "
                "with names in double quotes where they have blanks"});
    CHECK(problems("[profile.x]\n", with_overrides({"profile.x.seed=1"})) ==
          Lines{"--set: profiles cannot be changed here; expected the path of the value itself, such as duration=10s"});
}

TEST_CASE("problems of --set stand behind those of the file")
{
    const auto lines = problems("sed = 1\n", with_overrides({"duration=5"}));
    REQUIRE(lines.size() == 2);
    CHECK_THAT(lines[0], Catch::Matchers::StartsWith("s.toml:1:1: sed"));
    CHECK_THAT(lines[1], Catch::Matchers::StartsWith("--set: duration: found an integer (5)"));
}

TEST_CASE("what is not a path is told so")
{
    for (const std::string text : {"#=5", "=5", "a b=5", "[stack]\nredis=5", "a.=5", "\"open=5"}) {
        INFO(text);
        const auto lines = problems(one_user, with_overrides({text}));
        REQUIRE(lines.size() == 1);
        CHECK_THAT(lines[0], ContainsSubstring("is not a setting; expected key.path=value"));
    }
}
