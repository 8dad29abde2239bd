#include "analysis/compare.hpp"

#include "catch.hpp"

namespace squall::analysis {
namespace {

using result::ComparisonVerdict;
using result::LeakVerdict;
using result::SloOutcome;

result::RunResult a_run()
{
    result::RunResult run;
    run.run.name = "meal planner";
    run.run.seed = 7;
    run.populations = {{"planner", result::ArrivalModel::closed, "300 users", ""}};
    run.totals.load_seconds = 60;
    run.totals.requests = 10'000;
    run.totals.requests_per_second = 166.7;
    run.all_steps.response.count = 10'000;
    run.all_steps.response.p50_seconds = 0.010;
    run.all_steps.response.p99_seconds = 0.100;
    return run;
}

result::LeakFinding leak(double kept, const char* gauge = "postgres.connections",
                         result::GaugeKind kind = result::GaugeKind::count)
{
    result::LeakFinding finding;
    finding.gauge = gauge;
    finding.kind = kind;
    finding.verdict = kept > 0 ? LeakVerdict::retained : LeakVerdict::no_leak;
    finding.residual = {kept, kept / 2, 2 * kept + 4};
    finding.per_hour = result::Estimate{kept * 60, kept * 30, kept * 120 + 240};
    finding.upper_bound_per_hour = 180;
    finding.exposure_hours = 1.0 / 60;
    finding.exposure_operations = 10'000;
    return finding;
}

result::ComparisonRow row(const result::Comparison& comparison, const std::string& metric)
{
    for (const auto& candidate : comparison.rows) {
        if (candidate.metric == metric) {
            return candidate;
        }
    }
    FAIL("no row " << metric);
    std::abort();
}

} // namespace

TEST_CASE("an INVALID run is not compared: only leaks are judged, and the sentence says so first")
{
    auto before = a_run();
    auto after = a_run();
    before.slos = {{"error_rate < 1%", SloOutcome::met, "0%", ""}};
    after.slos = {{"error_rate < 1%", SloOutcome::missed, "4%", ""}};
    CHECK(compare(before, after).regressed);
    CHECK_FALSE(compare(before, after).not_comparable);

    after.verdict = {result::RunOutcome::invalid, 97, "no CPU left"};
    auto comparison = compare(before, after);
    CHECK_FALSE(comparison.regressed);
    CHECK(comparison.not_comparable == "the run after is INVALID");
    CHECK(comparison.sentence.starts_with("NOT COMPARABLE: the run after is INVALID; "));
    CHECK(row(comparison, "error_rate < 1%").verdict == ComparisonVerdict::not_judged);
    CHECK(row(comparison, "error_rate < 1%").after_text == "missed (4%)");
    CHECK(row(comparison, "response_time.p99").verdict == ComparisonVerdict::not_judged);

    before.leaks = {leak(0)};
    after.leaks = {leak(60)};
    before.generator.saturated = true;
    comparison = compare(before, after);
    CHECK(comparison.regressed);
    CHECK(comparison.not_comparable == "the run before is INVALID, and the run after is INVALID");
}

TEST_CASE("the exact test has the published p-values")
{
    CHECK(exact_rate_test(0, 1, 6, 1) == Approx(0.031).margin(0.0005));
    CHECK(exact_rate_test(6, 1, 0, 1) == Approx(0.031).margin(0.0005));
    CHECK(exact_rate_test(0, 1, 8, 1) == Approx(0.0078).margin(0.0001));
    CHECK(exact_rate_test(0, 1, 5, 1) > 0.05);
    CHECK(exact_rate_test(0, 1, 0, 1) == 1);
    CHECK(exact_rate_test(5, 1, 5, 1) == 1);
    CHECK(exact_rate_test(0, 1, 6, 10) > 0.05); // ten times the exposure explains them
}

TEST_CASE("two equal runs: nothing regressed and nothing claimed")
{
    const auto comparison = compare(a_run(), a_run());
    CHECK_FALSE(comparison.regressed);
    CHECK(comparison.warnings.empty());
    CHECK(row(comparison, "response_time.p99").verdict == ComparisonVerdict::inconclusive);
    CHECK(comparison.sentence ==
          "No fact that one run each can judge has changed; latency and throughput take several runs a side");
}

TEST_CASE("latency of one run each is shown with its change and never judged better or worse")
{
    auto slow = a_run();
    slow.all_steps.response.p99_seconds = 0.4;
    const auto comparison = compare(a_run(), slow);
    const auto p99 = row(comparison, "response_time.p99");
    CHECK(p99.verdict == ComparisonVerdict::inconclusive);
    CHECK(*p99.change == Approx(3));
    CHECK(p99.why == "one run each");
    CHECK_FALSE(comparison.regressed);
}

TEST_CASE("a step of one run only stands there without its other half")
{
    auto after = a_run();
    result::StepResult chat;
    chat.name = "chat";
    chat.response.count = 3;
    chat.response.p50_seconds = 1;
    after.steps.push_back(chat);
    const auto p50 = row(compare(a_run(), after), "response_time[chat].p50");
    CHECK_FALSE(p50.before);
    CHECK(*p50.after == 1);
    CHECK_FALSE(p50.change);
}

TEST_CASE("leak counts are judged by the exact test")
{
    auto before = a_run();
    auto after = a_run();
    SECTION("a leak that is gone")
    {
        before.leaks = {leak(240)};
        after.leaks = {leak(0)};
        const auto comparison = compare(before, after);
        const auto connections = row(comparison, "postgres.connections");
        CHECK(connections.verdict == ComparisonVerdict::improved);
        CHECK(connections.before_text == "240 kept, 14,400/h");
        CHECK(connections.after_text == "< 180/h");
        CHECK(connections.why == "240 kept against 0: exact test, p < .001");
        CHECK_FALSE(comparison.regressed);
        CHECK(comparison.sentence ==
              "IMPROVED: leaks: postgres.connections; nothing got worse that one run each can judge");
    }
    SECTION("six where there was none")
    {
        before.leaks = {leak(0)};
        after.leaks = {leak(6)};
        const auto comparison = compare(before, after);
        CHECK(row(comparison, "postgres.connections").verdict == ComparisonVerdict::regressed);
        CHECK(comparison.regressed);
        CHECK(comparison.sentence == "REGRESSED: leaks: postgres.connections");
    }
    SECTION("five where there was none are too few")
    {
        before.leaks = {leak(0)};
        after.leaks = {leak(5)};
        CHECK(row(compare(before, after), "postgres.connections").verdict == ComparisonVerdict::inconclusive);
    }
    SECTION("as many per operation, though more by the hour")
    {
        before.leaks = {leak(20)};
        after.leaks = {leak(60)};
        after.leaks[0].exposure_operations = 30'000;
        CHECK(row(compare(before, after), "postgres.connections").verdict == ComparisonVerdict::inconclusive);
    }
    SECTION("a run without enough data judges nothing")
    {
        before.leaks = {leak(0)};
        before.leaks[0].verdict = LeakVerdict::not_enough_data;
        after.leaks = {leak(60)};
        const auto comparison = compare(before, after);
        const auto connections = row(comparison, "postgres.connections");
        CHECK(connections.verdict == ComparisonVerdict::inconclusive);
        CHECK_FALSE(connections.before);
        CHECK(connections.before_text == "not enough data");
    }
    SECTION("parts of a gauge and memory are shown, not judged")
    {
        before.leaks = {leak(0, "postgres.connections{user=a}"), leak(0, "target.rss", result::GaugeKind::memory)};
        after.leaks = {leak(60, "postgres.connections{user=a}"), leak(6e7, "target.rss", result::GaugeKind::memory)};
        const auto comparison = compare(before, after);
        CHECK(row(comparison, "postgres.connections{user=a}").verdict == ComparisonVerdict::not_judged);
        CHECK(row(comparison, "target.rss").verdict == ComparisonVerdict::inconclusive);
        CHECK(row(comparison, "target.rss").unit == result::Unit::bytes);
        CHECK_FALSE(comparison.regressed);
    }
}

TEST_CASE("a kind of error is a fact when one run never saw it")
{
    auto before = a_run();
    auto after = a_run();
    SECTION("new")
    {
        after.all_steps.errors_by_kind = {{"timeout", 40}};
        const auto comparison = compare(before, after);
        CHECK(row(comparison, "errors[timeout]").verdict == ComparisonVerdict::regressed);
        CHECK(row(comparison, "errors[timeout]").why == "never seen before");
        CHECK(comparison.regressed);
    }
    SECTION("gone")
    {
        before.all_steps.errors_by_kind = {{"timeout", 40}};
        CHECK(row(compare(before, after), "errors[timeout]").verdict == ComparisonVerdict::improved);
    }
    SECTION("one alone is too little")
    {
        after.all_steps.errors_by_kind = {{"timeout", 1}};
        CHECK(row(compare(before, after), "errors[timeout]").verdict == ComparisonVerdict::inconclusive);
    }
    SECTION("more of what there was differs from run to run anyway")
    {
        before.all_steps.errors_by_kind = {{"timeout", 10}};
        after.all_steps.errors_by_kind = {{"timeout", 40}};
        CHECK(row(compare(before, after), "errors[timeout]").verdict == ComparisonVerdict::inconclusive);
    }
    SECTION("what the harness itself gave up is left out")
    {
        after.all_steps.errors_by_kind = {{"cancelled", 40}};
        for (const auto& compared : compare(before, after).rows) {
            CHECK(compared.metric != "errors[cancelled]");
        }
    }
}

TEST_CASE("SLOs are compared one by one")
{
    const auto outcome = [](SloOutcome was, SloOutcome is) {
        auto before = a_run();
        auto after = a_run();
        before.slos = {{"error_rate < 0.1%", was, "2.1%", ""}};
        after.slos = {{"error_rate < 0.1%", is, "0%", ""}};
        return row(compare(before, after), "error_rate < 0.1%");
    };
    CHECK(outcome(SloOutcome::missed, SloOutcome::met).verdict == ComparisonVerdict::improved);
    CHECK(outcome(SloOutcome::missed, SloOutcome::met).why == "fixed");
    CHECK(outcome(SloOutcome::missed, SloOutcome::met).before_text == "missed (2.1%)");
    CHECK(outcome(SloOutcome::met, SloOutcome::missed).verdict == ComparisonVerdict::regressed);
    CHECK(outcome(SloOutcome::met, SloOutcome::missed).why == "broken");
    CHECK(outcome(SloOutcome::met, SloOutcome::met).verdict == ComparisonVerdict::no_significant_change);
    CHECK(outcome(SloOutcome::missed, SloOutcome::missed).why == "still missed");
    CHECK(outcome(SloOutcome::missed, SloOutcome::not_shown).verdict == ComparisonVerdict::inconclusive);
    CHECK(outcome(SloOutcome::not_shown, SloOutcome::not_shown).verdict == ComparisonVerdict::inconclusive);

    auto after = a_run();
    after.slos = {{"dropped == 0", SloOutcome::missed, "3", ""}};
    const auto comparison = compare(a_run(), after);
    CHECK(row(comparison, "dropped == 0").verdict == ComparisonVerdict::not_judged);
    CHECK_FALSE(comparison.regressed);
}

TEST_CASE("what makes two runs hard to compare is said first")
{
    auto after = a_run();
    after.run.name = "other";
    after.run.seed = 8;
    after.totals.load_seconds = 30;
    after.populations[0].arrival = "100 users";
    after.generator.saturated = true;
    const auto warnings = compare(a_run(), after).warnings;
    REQUIRE(warnings.size() == 5);
    CHECK(warnings[0] == "different scenarios: \"meal planner\" and \"other\"");
    CHECK(warnings[1] == "different lengths of load: 60s and 30s");
    CHECK(warnings[2] == "different load: planner: 300 users and planner: 100 users");
    CHECK(warnings[3] == "different seeds: 7 and 8");
    CHECK(warnings[4] == "in the run after the generator was saturated");
}

} // namespace squall::analysis
