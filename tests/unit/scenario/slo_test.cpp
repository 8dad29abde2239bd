#include "support.hpp"

#include "catch.hpp"

using namespace squall::scenario;
using namespace squall::scenario::testing;
using namespace std::chrono_literals;

namespace {

std::vector<Check> checks_of(const std::string& checks)
{
    const auto parsed = parse_text("[slo]\nchecks = [" + checks + "]\n" + one_user, "s.toml", {});
    INFO((parsed.problems.empty() ? "" : parsed.problems.front().message));
    REQUIRE(parsed.problems.empty());
    return parsed.scenario.checks;
}

Lines problems_of(const std::string& checks)
{
    return problems("[slo]\nchecks = [" + checks + "]\n" + one_user);
}

} // namespace

TEST_CASE("a check is a text, or a table that says whether it ends the load")
{
    const auto checks =
        checks_of("\"error_rate < 1%\", { check = \"errors == 0\", abort = true }, "
                  "{ check = \"dropped == 0\", abort = true, after = \"30s\" }, { check = \"errors < 9\" }");
    REQUIRE(checks.size() == 4);
    CHECK(checks[0].expression == "error_rate < 1%");
    CHECK_FALSE(checks[0].abort_after);
    CHECK(checks[1].expression == "errors == 0");
    CHECK(checks[1].abort_after == 10s);
    CHECK(checks[1].place.column == 40); // of the expression: mistakes in it count from there
    CHECK(checks[2].abort_after == 30s);
    CHECK_FALSE(checks[3].abort_after);
}

TEST_CASE("what is wrong in a check's table is told at its place")
{
    CHECK(problems_of("{ check = \"errors == 0\", after = \"3s\" }") ==
          Lines{"s.toml:2:36: slo.checks[#1].after: says from when on a missed check ends the load; expected abort = "
                "true with it"});
    CHECK(problems_of("{ abort = true }").size() == 1);
    CHECK(problems_of("{ check = \"errors == 0\", abrt = true }") ==
          Lines{"s.toml:2:36: slo.checks[#1].abrt: unknown key; did you mean \"abort\"?"});
    CHECK(problems_of("5").front() ==
          "s.toml:2:11: slo.checks[#1]: found an integer (5); expected a check such as \"response_time.p99 < 500ms\"");
}
