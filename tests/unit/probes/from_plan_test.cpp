#include "probes/from_plan.hpp"

#include "catch.hpp"
#include "run_task.hpp"

#include <unistd.h>

using namespace squall;
using namespace squall::probes;

namespace {

scenario::Template text(const std::string& source)
{
    scenario::Template made;
    made.source = source;
    return made;
}

const SteadyClock steady;

Result<std::unique_ptr<Probe>> make(decltype(plan::Probe::source) source)
{
    plan::Probe planned;
    planned.name = "mine";
    planned.source = std::move(source);
    ProbeSurroundings surroundings;
    surroundings.base_directory = "/proc/self";
    surroundings.clock = &steady;
    surroundings.expand = [](const scenario::Template& shown) -> Result<std::string> {
        if (shown.source == "${absent}") {
            return fail("unknown variable ${{absent}}");
        }
        return shown.source;
    };
    return from_plan(planned, surroundings);
}

} // namespace

TEST_CASE("every kind of planned probe is made with its name")
{
    const std::vector<decltype(plan::Probe::source)> sources{
        scenario::HttpJsonProbe{text("http://h/"), {{"a", "/a"}}},
        scenario::PrometheusProbe{text("http://h/"), {{"a", "m"}}},
        scenario::FilesProbe{text("*")},
        scenario::ProcessProbe{text(" 1 ")},
        scenario::PostgresProbe{text("postgresql://h/db")},
        scenario::RedisProbe{text("redis://h:1")},
        scenario::CgroupProbe{text("/sys/fs/cgroup/app")},
    };
    for (const auto& source : sources) {
        CAPTURE(source.index());
        const auto probe = make(source);
        REQUIRE(probe.has_value());
        CHECK((*probe)->name() == "mine");
    }
}

TEST_CASE("a probe that cannot be made names itself and what is wrong")
{
    const std::vector<std::pair<decltype(plan::Probe::source), std::string>> bad{
        {scenario::HttpJsonProbe{text("${absent}"), {}}, "${absent}"},
        {scenario::HttpJsonProbe{text("nonsense"), {}}, "nonsense"},
        {scenario::PrometheusProbe{text("http://h/"), {{"a", "m{"}}}, "m{"},
        {scenario::ProcessProbe{text("soon")}, "soon"},
        {scenario::ProcessProbe{text("-1")}, "-1"},
        {scenario::PostgresProbe{text("nonsense here")}, "nonsense"},
        {scenario::RedisProbe{text("http://h")}, "http://h"},
        {scenario::CgroupProbe{text("app.service")}, "app.service"},
    };
    for (const auto& [source, shown] : bad) {
        CAPTURE(shown);
        const auto probe = make(source);
        REQUIRE(probe.has_error());
        CHECK(probe.error().message.find("mine") != std::string::npos);
        CHECK(probe.error().message.find(shown) != std::string::npos);
    }
}

TEST_CASE("a relative file pattern starts in the scenario's folder")
{
    asio::io_context io;
    const auto probe = make(scenario::FilesProbe{text("stat")});
    REQUIRE(probe.has_value());
    const auto reading = testing::run_task(io, (*probe)->read(testing::in(std::chrono::seconds(1))));
    CHECK(reading.gauges.at(0).value == 1);
}
