#include "refkit/pool/pool_params.hpp"

#include "catch.hpp"
#include "refkit/pool/pool_state.hpp"

#include <functional>
#include <stdexcept>

using namespace squall;
using namespace squall::refkit;
using namespace std::chrono_literals;

namespace {

std::string complaint_after(const std::function<void(PoolParams&)>& breaking)
{
    PoolParams params;
    breaking(params);
    const auto checked = check(params);
    return checked ? "" : checked.error().message;
}

} // namespace

TEST_CASE("the defaults of a pool make sense")
{
    CHECK(check(PoolParams{}).has_value());
}

TEST_CASE("each parameter that makes no sense is named")
{
    using Breaking = std::function<void(PoolParams&)>;
    const std::pair<std::string, Breaking> cases[] = {
        {"max is 0", [](auto& params) { params.max = 0; }},
        {"min_idle is 11", [](auto& params) { params.min_idle = 11; }},
        {"connect_limit", [](auto& params) { params.connect_limit = 0; }},
        {"max_usage", [](auto& params) { params.max_usage = 0; }},
        {"acquire_timeout", [](auto& params) { params.acquire_timeout = 0s; }},
        {"idle_timeout", [](auto& params) { params.idle_timeout = -1s; }},
        {"validate_after", [](auto& params) { params.validate_after = -1ns; }},
        {"validate_timeout", [](auto& params) { params.validate_timeout = 0s; }},
        {"reset_timeout", [](auto& params) { params.reset_timeout = 0s; }},
        {"close_timeout", [](auto& params) { params.close_timeout = 0s; }},
        {"connect_timeout", [](auto& params) { params.connect_timeout = -1ns; }},
        {"statement_timeout", [](auto& params) { params.statement_timeout = 0s; }},
        {"statement_timeout", [](auto& params) { params.statement_timeout = 999us; }},
        {"max_lifetime", [](auto& params) { params.max_lifetime = 0s; }},
        {"keepalive", [](auto& params) { params.keepalive = 0s; }},
        {"leak_detection_threshold", [](auto& params) { params.leak_detection_threshold = 0s; }},
        {"backoff_first", [](auto& params) { params.backoff_first = 0s; }},
        {"backoff_longest", [](auto& params) { params.backoff_longest = 1ms; }},
        {"custom_reset says nothing", [](auto& params) { params.reset_on_return = ResetOnReturn::custom; }},
        {"would never be sent", [](auto& params) { params.custom_reset = "RESET ROLE"; }},
    };
    for (const auto& [name, breaking] : cases) {
        INFO(name);
        CHECK(complaint_after(breaking).find(name) != std::string::npos);
    }
}

TEST_CASE("all that is wrong is told at once, and a pool refuses it")
{
    PoolParams params;
    params.max = 0;
    params.connect_timeout = 0s;
    const auto message = check(params).error().message;
    CHECK(message.find("max is 0") != std::string::npos);
    CHECK(message.find("connect_timeout") != std::string::npos);
    CHECK_THROWS_AS(PoolState(params, Random(1)), std::invalid_argument);
}

TEST_CASE("tiers must fit under their bound")
{
    PoolTiersParams params{.max = 4, .tiers = {{"auth", {.min_idle = 2}}, {"read", {.min_idle = 2}}}};
    CHECK(check(params).has_value());
    params.tiers[1].pool.min_idle = 3;
    CHECK(check(params).error().message == "the tiers' min_idle add up to 5, more than max, which is 4");
    params.tiers[1].pool.min_idle = 11;
    params.tiers[1].name = "auth";
    CHECK(check(params).error().message.find("two tiers are called \"auth\"") != std::string::npos);
    CHECK(check(params).error().message.find("tier \"auth\": min_idle is 11") != std::string::npos);
    CHECK(check(PoolTiersParams{}).error().message == "there is no tier");
}

TEST_CASE("a histogram's buckets hold what lies up to their bounds, these included")
{
    AcquireHistogram histogram;
    CHECK(AcquireHistogram::bounds.front() == 10us);
    CHECK(AcquireHistogram::bounds[4] == 250us);
    CHECK(AcquireHistogram::bounds.back() == 25s);
    for (const auto waited : {0ns, Duration(10us), Duration(10us) + 1ns, Duration(25s), Duration(25s) + 1ns}) {
        histogram.record(waited);
    }
    CHECK(histogram.at_most(0) == 2);
    CHECK(histogram.at_most(1) == 3);
    CHECK(histogram.at_most(AcquireHistogram::bounds.size() - 1) == 4);
    CHECK(histogram.count() == 5);
}
