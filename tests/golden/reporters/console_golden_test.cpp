#include "golden.hpp"
#include "meal_planner.hpp"
#include "sample_comparison.hpp"

#include "reporters/console.hpp"
#include "reporters/console_comparison.hpp"
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

TEST_CASE("the JSON of a run")
{
    check_golden("after.json.txt", render_json(samples::meal_planner_after()));
}

} // namespace squall::reporters
