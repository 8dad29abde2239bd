#include "engine/leak_estimates.hpp"
#include "engine/leak_findings.hpp"

#include "catch.hpp"

#include <functional>

namespace squall {
namespace {

using measure::Phase;

/// 12 s of rest, a minute of load at 100 a second, 12 s of rest; every gauge read each quarter of a second.
struct Run {
    engine::RunRecord record;

    Run()
    {
        record.phases = {{Phase::settle, 0, 12}, {Phase::load, 12, 72}, {Phase::quiesce, 72, 84}};
        record.cycles = {{{Phase::load, 12, 72}, analysis::PhaseSpan{Phase::quiesce, 72, 84}, 6000, 1, false}};
        record.header.services = {{"api", "command"}, {"mailer", "command"}, {"redis", "redis"}, {"target", "target"}};
    }

    Run& gauge(const std::string& name, const std::function<double(double)>& level, double from = 0)
    {
        auto& series = record.gauges[name];
        series.name = name;
        series.kind = analysis::kind_of(name);
        for (double at = from; at < 84; at += 0.25) {
            series.points.push_back({at, level(at)});
        }
        return *this;
    }

    [[nodiscard]] analysis::LeakEstimate of(const std::string& name) const
    {
        const auto estimates = engine::leak_estimates(record);
        REQUIRE(estimates.count(name) == 1);
        return estimates.at(name);
    }
};

/// One more every two seconds of load.
double leaking(double at)
{
    return 10 + std::floor(std::clamp(at - 12, 0.0, 60.0) / 2);
}

double steady(double /*at*/)
{
    return 10;
}

} // namespace

TEST_CASE("a restart cuts the process's own gauges, and what servers and probes count of it")
{
    Run run;
    run.gauge("api.fds", leaking).gauge("mailer.fds", leaking).gauge("redis.connected_clients", leaking);
    run.gauge("pool.open", leaking);
    const auto check_that_api_is_cut = [&run](const char* when) {
        INFO(when);
        CHECK(run.of("mailer.fds").verdict == analysis::LeakVerdict::suspected);
        for (const auto* cut : {"api.fds", "redis.connected_clients", "pool.open"}) {
            INFO(cut);
            CHECK(run.of(cut).verdict == analysis::LeakVerdict::not_enough_data);
            CHECK_THAT(run.of(cut).why, Catch::StartsWith("api was started anew at 40 s"));
        }
    };
    CHECK(run.of("api.fds").verdict == analysis::LeakVerdict::suspected);
    SECTION("that the harness saw die")
    {
        run.record.stamps.push_back({40, "service_died", "api ended with exit status 1", "", ""});
        check_that_api_is_cut("died");
    }
    SECTION("that a supervisor started again")
    {
        run.gauge("api.started_at", [](double at) { return at < 40 ? 1000.0 : 1040.0; });
        run.gauge("mailer.started_at", steady);
        check_that_api_is_cut("started_at");
    }
}

TEST_CASE("a part that is first seen in the load held nothing before")
{
    Run run;
    run.gauge("api.files", leaking);
    run.gauge(
        "api.files{path=/tmp/*.part}", [](double at) { return leaking(at) - 10; }, 14);
    const auto part = run.of("api.files{path=/tmp/*.part}");
    REQUIRE(part.residual.baseline);
    CHECK(part.residual.baseline->value == 0);
    CHECK(part.residual.residual.value == 30);
    SECTION("a whole that is first seen in the load is not known before")
    {
        run.gauge("api.locks", leaking, 14);
        CHECK(run.of("api.locks").verdict == analysis::LeakVerdict::not_enough_data);
    }
}

TEST_CASE("memory is under a collector but for the servers' and the target's")
{
    Run run;
    const auto growing = [](double at) { return 1e8 + leaking(at) * 3e5; }; // 9 MB
    run.gauge("api.rss", growing).gauge("target.rss", growing);
    CHECK(run.of("api.rss").verdict == analysis::LeakVerdict::unclear);
    CHECK_THAT(run.of("api.rss").why, Catch::EndsWith("fewer than what such memory moves by itself"));
    CHECK(run.of("api.rss").residual.upper > 24e6);
    CHECK(run.of("target.rss").verdict == analysis::LeakVerdict::suspected);
}

TEST_CASE("caps and the production rate come from the scenario")
{
    Run run;
    run.gauge("api.fds", leaking).gauge("mailer.fds", steady);
    run.record.header.declared_caps = {{"api.fds", 50}};
    run.record.header.production_rate = Rate::per_second(10);
    CHECK(run.of("api.fds").verdict == analysis::LeakVerdict::retained);
    const auto findings = engine::leak_findings(run.record, engine::leak_estimates(run.record), {{"mailer.fds", 2}});
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].gauge == "api.fds");
    REQUIRE(findings[1].certificate);
    CHECK_THAT(findings[1].certificate->text, Catch::Contains("more needed for < 2/h"));
    CHECK(*findings[1].certificate->production_hours == Approx(6000.0 / 10 / 3600));
}

TEST_CASE("leaks stand before what is merely kept, and the generator's own gauges are none of the stack's")
{
    Run run;
    run.gauge("api.fds", [](double at) { return at < 30 ? 10.0 : 20.0; }).gauge("api.threads", leaking);
    run.gauge("generator.fds", leaking).gauge("api.cpu", leaking);
    const auto estimates = engine::leak_estimates(run.record);
    CHECK(estimates.count("generator.fds") == 0);
    CHECK(estimates.count("api.cpu") == 0);
    const auto findings = engine::leak_findings(run.record, estimates, {});
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].gauge == "api.threads");
    CHECK(findings[0].verdict == result::LeakVerdict::suspected);
    CHECK(findings[1].verdict == result::LeakVerdict::retained);
}

} // namespace squall
