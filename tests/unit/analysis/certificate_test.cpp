#include "analysis/certificate.hpp"
#include "analysis/leak_finding.hpp"

#include "catch.hpp"

namespace squall::analysis {
namespace {

/// What a run says that held 12 before and `after` behind so many hours of load.
ResidualEstimate run_of(double hours, double after = 12, GaugeKind kind = GaugeKind::count, double operations = 30'000)
{
    using measure::Phase;
    const double end = 12 + hours * 3600;
    GaugeSeries series{"postgres.connections", kind, {}};
    for (double at = 0; at < 12; at += 0.25) {
        series.points.push_back({at, 12});
        series.points.push_back({at + end, after});
    }
    std::ranges::sort(series.points, {}, &GaugePoint::at_seconds);
    const std::vector<PhaseSpan> phases{
        {Phase::settle, 0, 12}, {Phase::load, 12, end}, {Phase::quiesce, end, end + 12}};
    return estimate_residual({series, phases, {hours, operations}});
}

LeakEstimate kept(const std::string& gauge, double amount)
{
    LeakEstimate estimate;
    estimate.residual.gauge = gauge;
    estimate.residual.residual.value = amount;
    return estimate;
}

} // namespace

TEST_CASE("a certificate says what was shown, after how long, and what a smaller bound takes")
{
    const auto hour_and_more = run_of(1 + 40.0 / 60);
    CHECK(certify({hour_and_more, std::nullopt, std::nullopt}).text ==
          "fewer than 1.80/h at 95 % after 1h 40m; 1h 19m more needed for < 1/h; fewer than 0.10 per 1000 operations");
    SECTION("held against the bound that a check wants")
    {
        CHECK_THAT(certify({hour_and_more, 0.5, std::nullopt}).text,
                   Catch::Contains("4h 19m more needed for < 0.50/h"));
        CHECK_THAT(certify({hour_and_more, 2.0, std::nullopt}).text, !Catch::Contains("more needed"));
    }
    SECTION("in hours of production")
    {
        const auto certificate = certify({hour_and_more, std::nullopt, 12.0});
        REQUIRE(certificate.production_hours);
        CHECK(*certificate.production_hours == Approx(30'000 / 12.0 / 3600));
        CHECK(*certificate.upper_per_production_hour == Approx(2.996 / 0.6944).epsilon(0.001));
        CHECK_THAT(certificate.text,
                   Catch::EndsWith("its 30,000 operations are 41m 40s of production: fewer than 4.31/h there"));
    }
}

TEST_CASE("what kept something, or could not be judged, is certified nothing")
{
    CHECK(certify({run_of(1, 30), std::nullopt, 12.0}).text.empty());
    CHECK(certify({ResidualEstimate{}, std::nullopt, 12.0}).text.empty());
}

TEST_CASE("the parts that hold what was kept are named, the largest first")
{
    std::map<std::string, LeakEstimate> estimates;
    for (const auto& [gauge, amount] :
         {std::pair{"postgres.connections", 30.0}, std::pair{"postgres.connections{application=api}", 29.0},
          std::pair{"postgres.connections{application=cron}", 1.0},
          std::pair{"postgres.connections{state=idle_in_transaction}", 30.0},
          std::pair{"postgres.connections_other", 40.0}, std::pair{"postgres.locks", 0.0}}) {
        estimates.emplace(gauge, kept(gauge, amount));
    }
    const auto holders = holders_of("postgres.connections", estimates);
    REQUIRE(holders.size() == 2);
    CHECK(holders[0] == result::LeakHolder{"state", "idle_in_transaction", 30});
    CHECK(holders[1] == result::LeakHolder{"application", "api", 29});
    CHECK(holders_of("postgres.locks", estimates).empty());
    CHECK(holders_of("redis.clients", estimates).empty());
}

TEST_CASE("a finding holds what the estimate says")
{
    LeakEstimate estimate;
    estimate.residual = run_of(1.0 / 60, 42);
    estimate.verdict = LeakVerdict::suspected;
    estimate.why = "why";
    estimate.kept_by_cycle = {{{measure::Phase::load, 12, 72}, 30}};
    estimate.floor = {{0, 12}, {60, 42}};
    const auto finding = to_finding({estimate});
    CHECK(finding.gauge == "postgres.connections");
    CHECK(finding.verdict == LeakVerdict::suspected);
    CHECK(finding.per_hour->value == 1800);
    CHECK(finding.exposure_operations == 30'000);
    CHECK_FALSE(finding.attribution);
    CHECK_FALSE(finding.certificate);
    REQUIRE(finding.evidence);
    CHECK_FALSE(finding.evidence->trend);
    CHECK(finding.evidence->kept_by_cycle == std::vector<double>{30});
    CHECK(finding.evidence->floor.size() == 2);
}

} // namespace squall::analysis
