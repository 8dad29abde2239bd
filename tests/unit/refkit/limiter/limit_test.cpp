#include "refkit/limiter/limit.hpp"

#include "unit/refkit/seeds.hpp"

#include <algorithm>

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

/// Feeds windows of samples, one second each.
template <typename Limit>
class Feed {
public:
    explicit Feed(Limit& limit) : limit_(limit) {}

    void window(Duration round_trip, std::size_t in_flight, int dropped = 0)
    {
        for (int i = 0; i < 10; ++i) {
            limit_.sample(now_, {round_trip, in_flight, i < dropped});
            now_ += 112ms; // the tenth comes after a second
        }
    }

private:
    Limit& limit_;
    Instant now_{1h};
};

} // namespace

TEST_CASE("a window lasts as long as told and until it holds enough, and throws nothing away")
{
    SampleWindow window({1s, 3});
    const Instant start{1h};
    CHECK_FALSE(window.add(start, {10us, 1, false}).has_value());
    CHECK_FALSE(window.add(start + 5s, {30us, 7, false}).has_value());
    const auto full = window.add(start + 9s, {20us, 2, true});
    REQUIRE(full.has_value());
    CHECK(full->samples == 2);
    CHECK(full->dropped == 1);
    CHECK(full->mean == 20us);
    CHECK(full->longest == 30us);
    CHECK(full->most_in_flight == 7);
    for (int i = 0; i < 100; ++i) {
        CHECK_FALSE(window.add(start + 9s + 999ms, {10us, 1, false}).has_value());
    }
    CHECK_FALSE(window.add(start + 10s, {10us, 1, false}).has_value()); // begun at 9.999 s
    CHECK(window.add(start + 11s, {10us, 1, false})->samples == 102);
}

TEST_CASE("a window that began before the clock jumped back begins anew")
{
    SampleWindow window({1s, 1});
    const Instant start{1h};
    CHECK_FALSE(window.add(start, {10us, 1, false}).has_value());
    CHECK_FALSE(window.add(start - 30min, {10us, 1, false}).has_value());
    CHECK(window.add(start - 30min + 1s, {10us, 1, false})->samples == 3);
}

TEST_CASE("AIMD rises by one when it is half used, and falls by a tenth on a drop or a timeout, once a window")
{
    AimdLimit limit(AimdParams{});
    Feed feed(limit);
    feed.window(10ms, 10);
    CHECK(limit.limit() == 21);
    feed.window(10ms, 10); // 2 · 10 < 21
    CHECK(limit.limit() == 21);
    feed.window(10ms, 11, 7);
    CHECK(limit.limit() == 18);
    feed.window(5001ms, 18);
    CHECK(limit.limit() == 16);
    for (int i = 0; i < 100; ++i) {
        feed.window(10ms, 200, 10);
    }
    CHECK(limit.limit() == 1);
    feed.window(10ms, 1);
    CHECK(limit.limit() == 2); // the way back up is open
    for (int i = 0; i < 300; ++i) {
        feed.window(10ms, 200);
    }
    CHECK(limit.limit() == 200);
}

TEST_CASE("gradient follows the round trips down and up again")
{
    GradientParams params;
    params.initial = 100;
    GradientLimit limit(params);
    Feed feed(limit);
    for (int i = 0; i < 20; ++i) {
        feed.window(30us, 60); // short, and it counts
    }
    CHECK(limit.long_round_trip() == 30us);
    const auto well = limit.limit();
    CHECK(well > 100);
    // Half as long again is tolerated, twice as long is not.
    feed.window(44us, 200);
    CHECK(limit.limit() >= well);
    for (int i = 0; i < 20; ++i) {
        feed.window(120us, 200);
    }
    CHECK(limit.limit() < well / 2);
    for (int i = 0; i < 300; ++i) {
        feed.window(30us, 200);
    }
    CHECK(limit.limit() == 200);
}

TEST_CASE("gradient's limit after one window is what its formula says")
{
    GradientLimit limit(GradientParams{});
    Feed feed(limit);
    feed.window(10ms, 20);
    CHECK(limit.limit() == 20); // 20 · 0.8 + (20 + 4) · 0.2 = 20.8
    feed.window(10ms, 20);
    CHECK(limit.limit() == 21); // 21.6
    // The long mean is now (10 + 10 + 100) / 3 = 40 ms: gradient 0.6, 21.6 · 0.8 + (12.96 + 4) · 0.2 = 20.672
    feed.window(100ms, 20);
    CHECK(limit.long_round_trip() == 40ms);
    CHECK(limit.limit() == 20);
}

TEST_CASE("gradient learns nothing from a limit that is not half used")
{
    GradientLimit limit(GradientParams{});
    Feed feed(limit);
    for (int i = 0; i < 100; ++i) {
        feed.window(10ms, 9);
    }
    CHECK(limit.limit() == 20);
    feed.window(10ms, 10);
    feed.window(10ms, 11);
    CHECK(limit.limit() == 21);
}

TEST_CASE("gradient falls when most calls are dropped, and a few drops are no round trips")
{
    GradientParams params;
    params.initial = 100;
    GradientLimit limit(params);
    Feed feed(limit);
    feed.window(10ms, 100);
    feed.window(10ms, 100, 5);
    CHECK(limit.limit() == 101);
    feed.window(1us, 100, 6);
    CHECK(limit.limit() == 92); // 101.6 · 0.9 + 0.8
    CHECK(limit.long_round_trip() == 10ms);
    for (int i = 0; i < 100; ++i) {
        feed.window(1us, 100, 10);
    }
    CHECK(limit.limit() == 20);
}

TEST_CASE("after a long overload the long mean comes back down quickly")
{
    GradientLimit limit(GradientParams{});
    Feed feed(limit);
    for (int i = 0; i < 20; ++i) {
        feed.window(1s, 20);
    }
    for (int i = 0; i < 80; ++i) {
        feed.window(10ms, 20);
    }
    CHECK(limit.long_round_trip() < 25ms);
}

TEST_CASE("limits stay within their bounds and finite, whatever the samples say")
{
    for_seeds(10'000, [](std::uint64_t seed) {
        Random random(seed);
        AimdParams aimd;
        aimd.window = {10ms, 3};
        GradientParams gradient;
        gradient.window = {10ms, 3};
        AimdLimit first(aimd);
        GradientLimit second(gradient);
        Instant now{1h};
        for (int step = 0; step < 100; ++step) {
            now += std::chrono::milliseconds(random.between(0, 20) - (random.uniform() < 0.02 ? 5000 : 0));
            const auto round_trip = random.uniform() < 0.02 ? Duration::max() : Duration(random.between(-5, 1 << 30));
            const LimitSample sample{round_trip, static_cast<std::size_t>(random.between(0, 1000)),
                                     random.uniform() < 0.2};
            first.sample(now, sample);
            second.sample(now, sample);
            SCHEDULE_REQUIRE(first.limit() >= aimd.min && first.limit() <= aimd.max);
            SCHEDULE_REQUIRE(second.limit() >= gradient.min && second.limit() <= gradient.max);
        }
    });
}

TEST_CASE("parameters of the limits that make no sense are refused")
{
    const auto aimd_broken = [](auto change) {
        AimdParams params;
        change(params);
        CHECK_THROWS_AS(AimdLimit(params), std::invalid_argument);
        return !check(params).has_value();
    };
    const auto gradient_broken = [](auto change) {
        GradientParams params;
        change(params);
        CHECK_THROWS_AS(GradientLimit(params), std::invalid_argument);
        return !check(params).has_value();
    };
    const auto bounds_broken = [](auto broken) {
        return broken([](auto& params) { params.min = 0; }) && broken([](auto& params) { params.min = 201; }) &&
               broken([](auto& params) { params.max = 2'000'000; }) &&
               broken([](auto& params) { params.initial = 201; }) && broken([](auto& params) { params.min = 21; }) &&
               broken([](auto& params) { params.window.at_least = 0s; }) &&
               broken([](auto& params) { params.window.samples = 0; });
    };
    CHECK(check(AimdParams{}).has_value());
    CHECK(check(GradientParams{}).has_value());
    CHECK(bounds_broken(aimd_broken));
    CHECK(bounds_broken(gradient_broken));
    CHECK(aimd_broken([](auto& params) { params.backoff = Ratio::of(1); }));
    CHECK(aimd_broken([](auto& params) { params.backoff = Ratio::of(0); }));
    CHECK(aimd_broken([](auto& params) { params.timeout = -1s; }));
    CHECK(gradient_broken([](auto& params) { params.tolerance = 0.9; }));
    CHECK(gradient_broken([](auto& params) { params.smoothing = Ratio::of(0); }));
    CHECK(gradient_broken([](auto& params) { params.queue = -1; }));
    CHECK(gradient_broken([](auto& params) { params.long_window = 0; }));
    CHECK_THROWS_AS(FixedLimit({0}), std::invalid_argument);
}

} // namespace squall::refkit
