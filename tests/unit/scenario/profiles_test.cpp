#include "support.hpp"

using namespace squall::scenario;
using namespace squall::scenario::testing;
using namespace std::chrono_literals;

namespace {

const std::string planner = "duration = \"10s\"\n" // 1
                            "[stack]\n"            // 2
                            "target = { pool = { min = 5, max = 100 } }\n" +
                            one_user + // 4 to 9
                            "json = { user = \"a\", nested = { x = 1, y = 2 } }\n"
                            "timeout = \"2s\"\n"; // 11

} // namespace

TEST_CASE("a profile changes what it names and leaves the rest")
{
    const std::string text = planner + "[profile.before]\n"
                                       "duration = \"20s\"\n"
                                       "stack.target.defects = [\"pool_bypass\"]\n"
                                       "stack.target.pool.max = 7\n"
                                       "[profile.after]\n";
    const auto before = parsed(text, with_profile("before"));
    CHECK(before.profile == "before");
    CHECK(before.duration == 20s);
    CHECK(before.stack.target->defects == std::vector<std::string>{"pool_bypass"});
    CHECK(before.stack.target->pool.min_idle == 5);
    CHECK(before.stack.target->pool.max == 7);
    const auto after = parsed(text, with_profile("after"));
    CHECK(after.duration == 10s);
    CHECK(after.stack.target->defects.empty());
    CHECK(parsed(text).duration == 10s);
    CHECK(parse_text(text, "s.toml", {}).profiles == std::vector<std::string>{"before", "after"});
}

TEST_CASE("a profile changes users and steps by their names")
{
    const std::string text = planner + "[profile.x.user.planner]\n"
                                       "arrival = { rate = \"20/s\" }\n"
                                       "step.login.timeout = \"1s\"\n"
                                       "step.login.json.nested.y = 3\n";
    const auto scenario = parsed(text, with_profile("x"));
    const auto& user = scenario.users.at(0);
    REQUIRE(std::holds_alternative<RateArrival>(user.arrival.model)); // "closed" made room
    CHECK(std::get<RateArrival>(user.arrival.model).rate.per_second() == 20);
    CHECK(user.steps.at(0).timeout == 1s);
    CHECK(std::get<HttpStep>(user.steps.at(0).action).body->source == R"({"user":"a","nested":{"x":1,"y":3}})");
}

TEST_CASE("a step without a name is changed by the name that it gets")
{
    const std::string text =
        "[[user]]\nname = \"u\"\narrival = { closed = 1 }\n[[user.step]]\nhttp = \"GET ${api}/x\"\n"
        "[profile.p]\nuser.u.step.\"GET /x\".timeout = \"7s\"\n";
    CHECK(parsed(text, with_profile("p")).users[0].steps[0].timeout == 7s);
}

TEST_CASE("a body of another kind takes the place of the one before")
{
    const std::string text = planner + "[profile.x]\nuser.planner.step.login.body = \"plain\"\n";
    const auto scenario = parsed(text, with_profile("x"));
    const auto& http = std::get<HttpStep>(scenario.users.at(0).steps.at(0).action);
    CHECK(http.body->source == "plain");
    CHECK(http.headers.empty());
}

TEST_CASE("a wrong value in a profile is told with the line of the profile")
{
    const std::string text = planner + "[profile.x]\n"                              // 12
                                       "user.planner.step.login.timeout = \"1\"\n"; // 13
    const Lines expected{"s.toml:13:35: user[planner].step[login].timeout: \"1\" is not a duration (it has no unit); "
                         "expected a duration such as \"250ms\", \"10s\", \"1m30s\" or \"2h\"; did you mean \"1s\"?"};
    CHECK(problems(text, with_profile("x")) == expected);
    SECTION("also when the profile was not asked for")
    {
        CHECK(problems(text) == expected);
    }
}

TEST_CASE("a key that a profile writes again is told with the line of the profile")
{
    const std::string text = "[[user]]\nname = \"u\"\n"
                             "arrival = { stages = [{ for = \"1s\", rate = \"1/s\" }], max_in_flight = 3 }\n"
                             "step = [{ http = \"GET ${api}/\" }]\n"
                             "[profile.x.user.u.arrival]\n"
                             "stages = [{ for = \"1s\", users = 1 }]\n"
                             "max_in_flight = 4\n";
    CHECK(problems(text, with_profile("x")) ==
          Lines{"s.toml:7:1: user[u].arrival.max_in_flight: does not go together with stages of users; expected only "
                "beside stages of rates"});
}

TEST_CASE("names that a profile changes must exist")
{
    CHECK(problems(planner + "[profile.x]\nuser.planer.think = \"1s\"\n", with_profile("x")) ==
          Lines{"s.toml:13:6: profile.x.user.planer: no user has the name \"planer\"; did you mean \"planner\"?"});
    CHECK(problems(planner + "[profile.x]\nuser.planner.step.logn.timeout = \"1s\"\n") ==
          Lines{"s.toml:13:19: profile.x.user[planner].step.logn: no step has the name \"logn\"; did you mean "
                "\"login\"?"});
}

TEST_CASE("a change of a named item where none has a name is told so")
{
    const auto lines = problems("[[probe]]\nfiles = \"x\"\n[profile.x]\nprobe.p.every = \"1s\"\n");
    REQUIRE(lines.size() == 2);
    CHECK(lines[1] == "s.toml:4:7: profile.x.probe.p: no probe has the name \"p\"; expected none here");
}

TEST_CASE("a profile may extend another")
{
    const std::string text = planner + "[profile.a]\nextends = \"b\"\nduration = \"1s\"\n"
                                       "[profile.b]\nduration = \"2s\"\nseed = 9\n";
    const auto scenario = parsed(text, with_profile("a"));
    CHECK(scenario.duration == 1s);
    CHECK(scenario.seed == 9);
}

TEST_CASE("profiles that extend each other in a circle are told once, with the circle")
{
    const std::string text = "[profile.start]\nextends = \"a\"\n"
                             "[profile.a]\nextends = \"b\"\n"
                             "[profile.b]\nextends = \"c\"\n"
                             "[profile.c]\nextends = \"a\"\n";
    const Lines expected{"s.toml:4:11: profile.a.extends: the profiles extend each other in a circle (a → b → c → a); "
                         "expected an end to it"};
    CHECK(problems(text) == expected);
    CHECK(problems(text, with_profile("start")) == expected);
    CHECK(
        problems("[profile.me]\nextends = \"me\"\n") ==
        Lines{"s.toml:2:11: profile.me.extends: the profiles extend each other in a circle (me → me); expected an end "
              "to it"});
}

TEST_CASE("a profile that is not there is told with the one that was meant")
{
    CHECK(problems("[profile.before]\n", with_profile("befor")) ==
          Lines{"s.toml: no profile has the name \"befor\"; did you mean \"before\"?"});
    CHECK(problems("name = \"x\"\n", with_profile("before")) ==
          Lines{"s.toml: no profile has the name \"before\"; the file has no profiles"});
    CHECK(problems("[profile.a]\nextends = \"bfore\"\n[profile.before]\n") ==
          Lines{"s.toml:2:11: profile.a.extends: no profile has the name \"bfore\"; did you mean \"before\"?"});
}

TEST_CASE("a profile is a table and holds no profiles")
{
    CHECK(problems("profile = 3\n") ==
          Lines{"s.toml:1:11: profile: found an integer (3); expected tables such as [profile.before]"});
    CHECK(problems("[profile]\na = 3\n") ==
          Lines{"s.toml:2:5: profile.a: found an integer (3); expected a table such as [profile.a]"});
    CHECK(problems("[profile.a]\nprofile.b = {}\n") ==
          Lines{"s.toml:2:1: profile.a.profile: a profile cannot hold profiles; expected extends = \"NAME\""});
}

TEST_CASE("an environment variable that only another profile needs may be missing")
{
    ParseOptions options = with_profile("local");
    options.environment = [](const std::string&) { return std::optional<std::string>(); };
    const std::string text = "[profile.local]\n[profile.staging]\nendpoints.api = \"${env.STAGING}\"\n";
    CHECK(problems(text, options).empty());
    options.profile = "staging";
    CHECK(problems(text, options).size() == 1);
}
