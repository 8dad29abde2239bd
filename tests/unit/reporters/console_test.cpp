#include "catch.hpp"
#include "golden/reporters/meal_planner.hpp"
#include "golden/reporters/sample_comparison.hpp"

#include "reporters/console.hpp"
#include "reporters/console_comparison.hpp"
#include "reporters/text_width.hpp"

#include <sstream>

namespace squall::reporters {
namespace {

using Catch::Contains;

std::vector<std::string> lines_of(const std::string& text)
{
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

std::string without_codes(const std::string& text)
{
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\x1b') {
            at = text.find('m', at);
        } else {
            plain += text[at];
        }
    }
    return plain;
}

const std::vector<std::string> section_titles{
    "GENERATOR HEALTH", "RESPONSE TIME", "ERRORS", "LEAKS", "SLOs", "NOTES", "RUN"};

} // namespace

TEST_CASE("the verdict stands first and the generator's health before any latency")
{
    const auto text = render_console(samples::meal_planner_before());
    CHECK(lines_of(text).front().find("FAILED") != std::string::npos);
    CHECK(lines_of(text).front().find("4 of 6 SLOs missed, 1 not shown") != std::string::npos);
    std::size_t last = 0;
    for (const auto& title : section_titles) {
        const auto at = text.find("\n" + title + " ");
        INFO(title);
        REQUIRE(at != std::string::npos);
        CHECK(at > last);
        last = at;
    }
}

TEST_CASE("sections without content are left out")
{
    const auto text = render_console(result::RunResult{});
    for (const auto* title : {"RESPONSE TIME", "ERRORS", "LEAKS", "SLOs", "NOTES"}) {
        CHECK_THAT(text, !Contains(title));
    }
    CHECK_THAT(text, Contains("no SLO was judged"));
}

TEST_CASE("every line fits the width")
{
    for (const int width : {60, 80, 100, 160}) {
        for (const auto& run : {samples::meal_planner_before(), samples::meal_planner_after(),
                                samples::overloaded_open_run(), samples::interrupted_run()}) {
            for (const auto& line : lines_of(render_console(run, {false, width}))) {
                INFO(width << ": " << line);
                CHECK(display_width(line) <= static_cast<std::size_t>(width));
                CHECK((line.empty() || line.back() != ' '));
            }
        }
        for (const auto& line :
             lines_of(render_console_comparison(samples::meal_planner_comparison(), {false, width}))) {
            INFO(width << ": " << line);
            CHECK(display_width(line) <= static_cast<std::size_t>(width));
        }
    }
    CHECK(render_console(samples::meal_planner_after(), {false, -5}) ==
          render_console(samples::meal_planner_after(), {false, 40}));
}

TEST_CASE("there is no colour unless it is asked for, and it changes nothing else")
{
    auto run = samples::meal_planner_before();
    run.run.name = "planner\x1b[2J";
    run.errors[0].example = "\x1b]0;owned\x07 said the server";
    run.notes = {"\x1b[31mnote"};
    const auto plain = render_console(run);
    CHECK(plain.find('\x1b') == std::string::npos);
    const auto painted = render_console(run, {true, 100});
    CHECK(painted.find('\x1b') != std::string::npos);
    CHECK(without_codes(painted) == plain);
    const auto comparison = samples::meal_planner_comparison();
    CHECK(without_codes(render_console_comparison(comparison, {true, 100})) == render_console_comparison(comparison));
}

TEST_CASE(
    "an open run shows service time and send lag beside its response time, and a step's service time where it differs")
{
    const auto lines_with = [](const result::RunResult& shown, std::string_view words) {
        const auto text = render_console(shown);
        int count = 0;
        for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
            ++count;
        }
        return count;
    };
    auto run = samples::overloaded_open_run();
    CHECK(lines_with(run, "└ service time") == 1);
    CHECK(lines_with(run, "└ send lag") == 1);
    run.steps.push_back(run.steps[0]);
    run.all_steps.model = result::ArrivalModel::open;
    CHECK(lines_with(run, "└ service time") == 3);
    CHECK(lines_with(run, "└ send lag") == 1);
    run.steps[0].service = run.steps[0].response;
    CHECK(lines_with(run, "└ service time") == 2);
    run = samples::meal_planner_before();
    run.steps[0].service.p99_seconds = 1e-3; // a closed run has one clock only
    CHECK_THAT(render_console(run), !Contains("└ service time"));
}

TEST_CASE("a closed run shows the canary, also when it has nothing to complain of")
{
    auto run = samples::meal_planner_before();
    CHECK_THAT(render_console(run), Contains("would have sent 1,480 requests"));
    run.omission_canary->omitted_requests = 0;
    CHECK_THAT(render_console(run), Contains("no answer took longer than the 740ms in which a user sends once"));
    run.omission_canary.reset();
    CHECK_THAT(render_console(run), !Contains("canary"));
}

TEST_CASE("a comparison with an INVALID run says so in its badge, unless a leak grew")
{
    auto comparison = samples::meal_planner_comparison();
    comparison.regressed = false;
    comparison.not_comparable = "the run after is INVALID";
    CHECK_THAT(render_console_comparison(comparison), Contains("! NOT COMPARABLE"));
    comparison.regressed = true;
    CHECK_THAT(render_console_comparison(comparison), Contains("REGRESSED"));
}

TEST_CASE("percentiles that may be higher say so")
{
    auto run = samples::meal_planner_after();
    CHECK_THAT(render_console(run), !Contains("≥"));
    run.steps[0].response.censored = true;
    run.steps[0].response.censored_count = 50; // of 9,120: beyond the 99.45th percentile
    CHECK_THAT(render_console(run), Contains(" 24.9ms  ≥41.3ms  ≥66.4ms"));
}

TEST_CASE("a comparison says what the flag says")
{
    auto comparison = samples::meal_planner_comparison();
    CHECK_THAT(lines_of(render_console_comparison(comparison)).front(), Contains("IMPROVED"));
    comparison.regressed = true;
    CHECK_THAT(lines_of(render_console_comparison(comparison)).front(), Contains("REGRESSED"));
    comparison = result::Comparison{};
    CHECK_THAT(render_console_comparison(comparison), Contains("NO REGRESSION SHOWN"));
}

TEST_CASE("rows of a group stand together whatever their order")
{
    result::Comparison comparison;
    for (const auto* group : {"latency", "errors", "latency"}) {
        auto& row = comparison.rows.emplace_back();
        row.group = group;
        row.metric = std::string("of ") + group;
        row.before_text = "a";
    }
    const auto text = render_console_comparison(comparison);
    CHECK(text.find("latency\n    of latency") != std::string::npos);
    CHECK(text.rfind("of latency") < text.find("\n  errors"));
}

} // namespace squall::reporters
