#include "golden.hpp"
#include "meal_planner.hpp"
#include "sample_comparison.hpp"

#include "reporters/console.hpp"
#include "reporters/console_comparison.hpp"
#include "reporters/console_limit.hpp"
#include "reporters/json.hpp"

namespace squall::reporters {

TEST_CASE("the summary of a run that failed")
{
    const auto run = samples::meal_planner_before();
    SECTION("100 columns")
    {
        check_golden("before_100.txt", render_console(run, {false, 100}));
    }
    SECTION("60 columns")
    {
        check_golden("before_60.txt", render_console(run, {false, 60}));
    }
    SECTION("in colour")
    {
        check_golden("before_color.txt", render_console(run, {true, 100}));
    }
}

TEST_CASE("the summary of a run that passed")
{
    check_golden("after_100.txt", render_console(samples::meal_planner_after()));
}

TEST_CASE("the summary of an open run whose generator was saturated")
{
    check_golden("overloaded_100.txt", render_console(samples::overloaded_open_run()));
}

TEST_CASE("the summary of a run that was interrupted, from its journal")
{
    check_golden("interrupted_100.txt", render_console(samples::interrupted_run()));
}

TEST_CASE("a comparison")
{
    const auto comparison = samples::meal_planner_comparison();
    SECTION("100 columns")
    {
        check_golden("comparison_100.txt", render_console_comparison(comparison, {false, 100}));
    }
    SECTION("60 columns")
    {
        check_golden("comparison_60.txt", render_console_comparison(comparison, {false, 60}));
    }
    SECTION("in colour")
    {
        check_golden("comparison_color.txt", render_console_comparison(comparison, {true, 100}));
    }
}

TEST_CASE("a search for the highest load")
{
    result::LoadLimit limit;
    limit.name = "meal planner";
    limit.profile = "after";
    limit.held = 480;
    limit.failed = 504;
    limit.sentence = "every SLO holds up to 480/s; at 504/s: response_time.p99 < 500ms (812ms)";
    using result::TrialOutcome;
    limit.trials = {{200, TrialOutcome::held, "", 199.6, 0, 0.0041, 0.0123, "trial-01"},
                    {800, TrialOutcome::invalid, "the generator's thread was busy", 655.2, 0, 0.4, 1.25, "trial-02"},
                    {480, TrialOutcome::held, "", 479.8, 0.0004, 0.0088, 0.3, "trial-03"},
                    {504, TrialOutcome::missed, "response_time.p99 < 500ms (812ms); error_rate < 0.1% (0.5%)", 500,
                     0.005, 0.0102, 0.812, "trial-04"},
                    {504, TrialOutcome::missed, "error_rate < 0.1% (100%)", 500, 1, std::nullopt, std::nullopt, "t"}};
    SECTION("100 columns")
    {
        check_golden("limit_100.txt", render_console_limit(limit, {false, 100}));
    }
    SECTION("60 columns, no level held")
    {
        limit.held.reset();
        limit.exit_code = 99;
        check_golden("limit_60.txt", render_console_limit(limit, {false, 60}));
    }
}

TEST_CASE("the JSON of a run")
{
    check_golden("after.json.txt", render_json(samples::meal_planner_after()));
}

} // namespace squall::reporters
