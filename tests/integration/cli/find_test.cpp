// The claim: find says the highest load at which every SLO holds, why it is the highest, and keeps every trial.
#include "scenarios.hpp"
#include "squall_process.hpp"

#include "catch.hpp"
#include "result/json.hpp"

#include <boost/json.hpp>

#include <filesystem>

using namespace squall;
using namespace squall::cli::test;

namespace {

result::LoadLimit limit_in(const Workplace& place, const std::string& folder)
{
    const auto limit = result::load_limit_from_json(boost::json::parse(place.read(folder + "/limit.json")));
    REQUIRE(limit.has_value());
    return *limit;
}

/// Nothing but Python is started: 40 arrivals a second for one second.
Workplace& with_service(Workplace& place, const std::string& check)
{
    place.write("service.py", python_service);
    std::string scenario = short_scenario;
    scenario.replace(scenario.find("\"error_rate < 1%\""), std::string::npos, "\"" + check + "\"]\n");
    place.write("short.toml", scenario);
    return place;
}

} // namespace

TEST_CASE("a search that finds no limit says up to where everything held")
{
    Workplace place;
    const auto found =
        with_service(place, "response_time.p99 < 20s")
            .squall({"find", "short.toml", "--for", "1s", "--from", "40/s", "--to", "60/s", "--out", "f"});
    INFO(found.out << found.err);
    CHECK(found.exit_code == 0);
    const auto limit = limit_in(place, "f");
    CHECK(limit.held == Approx(60));
    CHECK_FALSE(limit.failed);
    REQUIRE(limit.trials.size() == 3); // 40, 60, and 60 again: an edge is decided by two of three
    CHECK(limit.trials[0].level == Approx(40));
    CHECK(limit.trials[1].requests_per_second > limit.trials[0].requests_per_second);
    CHECK(std::filesystem::exists(place.path() / "f" / "trial-03" / "result.json"));
    CHECK(found.out.find("every SLO holds up to 60/s") != std::string::npos);
    CHECK(place.remains(found.err).empty());
}

TEST_CASE("a search in which nothing holds names what was missed and ends with 99")
{
    Workplace place;
    const auto found =
        with_service(place, "response_time.p50 < 1us")
            .squall({"find", "short.toml", "--for", "1s", "--from", "30/s", "--to", "40/s", "--out", "f"});
    INFO(found.out << found.err);
    CHECK(found.exit_code == 99);
    const auto limit = limit_in(place, "f");
    CHECK_FALSE(limit.held);
    CHECK(limit.failed == Approx(30));
    CHECK(limit.limited_by.starts_with("response_time.p50 < 1us ("));
}

TEST_CASE("a search that cannot be made is refused before anything starts")
{
    Workplace place;
    with_service(place, "response_time.p50 < 1s");
    const auto refused = [&place](const Arguments& arguments, std::string_view reason) {
        const auto ended = place.squall(arguments);
        INFO(ended.err);
        CHECK(ended.exit_code == 1);
        CHECK(ended.err.find(reason) != std::string::npos);
        CHECK_FALSE(std::filesystem::exists(place.path() / "f"));
    };
    refused({"find", "short.toml", "--from", "5", "--out", "f"}, "expected a rate above 0");
    refused({"find", "short.toml", "--from", "5/s", "--to", "4/s", "--out", "f"}, "expected a --from below --to");
    refused({"find", "short.toml", "--set", "slo.checks=[]", "--out", "f"}, "sets no SLO");
}
