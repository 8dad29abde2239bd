#include "plan/arrival_file.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;
using squall::Duration;
using squall::plan::read_arrivals;
using squall::scenario::Problem;

namespace {

using Offsets = std::vector<Duration>;

Offsets offsets_of(std::string_view text)
{
    const auto read = read_arrivals(text, "arrivals.csv");
    if (const auto* problem = std::get_if<Problem>(&read)) {
        FAIL(problem->message);
    }
    return std::get<Offsets>(read);
}

std::string problem_of(std::string_view text)
{
    const auto read = read_arrivals(text, "arrivals.csv");
    REQUIRE(std::holds_alternative<Problem>(read));
    const auto& problem = std::get<Problem>(read);
    return fmt::format("{}:{}: {}", problem.place.file, problem.place.line, problem.message);
}

} // namespace

TEST_CASE("recorded arrivals are seconds, durations or times, in a column called at")
{
    CHECK(offsets_of("at\n0\n0.015\n2\n") == Offsets{0s, 15ms, 2s});
    CHECK(offsets_of("path,at\n/a,10ms\n/b,1m30s\n") == Offsets{10ms, 90s});
    SECTION("times count from the earliest, whatever their zone")
    {
        CHECK(offsets_of("at\n2026-03-04T05:06:07.125Z\n2026-03-04T06:06:07.250+01:00\n2026-03-04 05:06:08\n") ==
              Offsets{0s, 125ms, 875ms});
    }
    SECTION("a log that is not sorted is put in order")
    {
        CHECK(offsets_of("at\n3\n1\n2\n") == Offsets{1s, 2s, 3s});
    }
}

TEST_CASE("what is no arrival is told with its line")
{
    CHECK(problem_of("at\n1\nsoon\n") ==
          "arrivals.csv:3: \"soon\" is no time of an arrival; expected seconds (\"0.125\"), a duration (\"125ms\") or "
          "a time (\"2026-03-04T05:06:07.125Z\")");
    CHECK(problem_of("at\n1\n2s\n") == "arrivals.csv:3: \"2s\" is written in another way than the lines above it");
    CHECK(problem_of("time\n1\n") ==
          "arrivals.csv:1: no column is called \"at\"; expected one with the time of each arrival");
    for (const auto* wrong : {"-1", "1e300", "nan", "2026-03-04T05:06:07+x", "2026-03-04T", "2026-13-04T05:06:07Z"}) {
        CAPTURE(wrong);
        CHECK(problem_of(fmt::format("at\n{}\n", wrong)).starts_with("arrivals.csv:2: "));
    }
}
