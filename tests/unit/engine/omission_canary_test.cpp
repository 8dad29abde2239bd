#include "engine/omission_canary.hpp"

#include "catch.hpp"

using namespace squall;
using namespace std::chrono_literals;

TEST_CASE("the omission canary: a stall of 100 ms a second, seen by one closed user as a single slow request")
{
    // Spec: s = 1 ms, S = 100 ms, T = 1 s. The user sends every 1 ms: 900 requests and one that took 100 ms.
    measure::Histogram closed;
    closed.record(1ms, 900);
    closed.record(101ms);
    REQUIRE(to_seconds(closed.value_at(Percentile::of(99))) == Approx(0.001));
    const auto canary = engine::omission_canary(closed, 1ms);
    REQUIRE(canary.has_value());
    // What an open loop measures there: p99 = s + S - T(1 - p) = 91 ms, p99.9 = 100 ms.
    CHECK(canary->p99_seconds == Approx(0.091).margin(0.0015));
    CHECK(canary->p999_seconds == Approx(0.100).margin(0.0015));
    CHECK(canary->longest_seconds == Approx(0.101));
    CHECK(canary->omitted_requests == 100);
    CHECK(canary->interval_seconds == Approx(0.001));
}

TEST_CASE("users whose answers come before they would ask again omit nothing")
{
    measure::Histogram service;
    service.record(10ms, 50);
    service.record(90ms, 50);
    const auto canary = engine::omission_canary(service, 100ms);
    REQUIRE(canary.has_value());
    CHECK(canary->omitted_requests == 0);
    CHECK(canary->p99_seconds == Approx(to_seconds(service.value_at(Percentile::of(99)))));
}

TEST_CASE("every value of the histogram is looked at once, those of many buckets too")
{
    measure::Histogram service;
    std::uint64_t omitted = 0;
    for (int i = 1; i <= 3000; ++i) {
        service.record(std::chrono::microseconds(i * 1000));
        omitted += static_cast<std::uint64_t>(std::max(0, i / 500 - 1));
    }
    service.record(2h); // the overflow bucket
    const auto canary = engine::omission_canary(service, 500ms);
    // Values are kept within a thousandth: the highest of a bucket stands for all in it.
    CHECK(static_cast<double>(canary->omitted_requests) ==
          Approx(static_cast<double>(omitted) + 7200 * 2 - 1).margin(20));
}

TEST_CASE("without samples or interval there is no canary")
{
    CHECK_FALSE(engine::omission_canary(measure::Histogram(), 1ms));
    measure::Histogram one;
    one.record(1ms);
    CHECK_FALSE(engine::omission_canary(one, 0ms));
    CHECK_FALSE(engine::omission_canary(one, 1ns)); // a million to a request: nothing that a user does
}
