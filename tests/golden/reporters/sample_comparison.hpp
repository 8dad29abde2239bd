// The meal planner before and after the fix, compared.
#pragma once

#include "result/comparison.hpp"

namespace squall::reporters::samples {

inline result::Comparison meal_planner_comparison()
{
    using enum result::ComparisonVerdict;
    using result::Unit;
    result::Comparison comparison;
    comparison.squall_version = "0.1.0";
    comparison.before = {"meal planner: pool exhaustion", "before", "squall-runs/20261121-051204-meal-planner-before",
                         "2026-11-21T05:12:04Z", "failed"};
    comparison.after = {"meal planner: pool exhaustion", "after", "squall-runs/20261121-051312-meal-planner-after",
                        "2026-11-21T05:13:12Z", "passed"};
    comparison.warnings = {"one run each: latency is at best inconclusive; `squall ab` with pairs can judge it"};
    comparison.sentence = "The connection leak is gone: 187 kept before, none after.";
    const std::string one_run = "one run each";
    comparison.rows = {
        {"latency", "response_time.p50", Unit::seconds, 19.6e-3, 2.51e-3, "", "", -0.872, inconclusive, one_run},
        {"latency", "response_time.p99", Unit::seconds, 1.12, 22.3e-3, "", "", -0.98, inconclusive, one_run},
        {"latency", "response_time[login].p99", Unit::seconds, 0.412, 24.9e-3, "", "", -0.9396, inconclusive, one_run},
        {"throughput", "requests", Unit::per_second, 405.3, 405.3, "", "", 0.0, no_significant_change, ""},
        {"errors", "error_rate", Unit::share, 0.02363, 0.0, "", "", -1.0, improved,
         "431 of 18,240 against 0 of 18,240"},
        {"errors", "login: status", Unit::count, 187.0, 0.0, "", "", -1.0, improved, ""},
        {"errors", "login: json", Unit::count, 0.0, 3.0, "", "", {}, inconclusive, "3 are too few to judge"},
        {"leaks", "postgres.connections{application=meal-planner-auth}", Unit::per_hour, 14960.0, 0.0, "", "< 240/h",
         -1.0, improved, "187 kept against 0, p < .001"},
        {"leaks", "target.rss", Unit::bytes, 6.3e6, 75.6e6, "", "", 11.0, inconclusive, "below what 60s can see"},
        {"SLO", "response_time.p99 < 500ms", Unit::text, {}, {}, "missed", "met", {}, improved, ""},
        {"SLO",
         "leak[postgres.connections] < 1/h",
         Unit::text,
         {},
         {},
         "missed",
         "not shown",
         {},
         not_judged,
         "45s of load cannot show less than 240/h"}};
    return comparison;
}

} // namespace squall::reporters::samples
