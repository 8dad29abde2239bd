#include "refkit/breaker/outcome_window.hpp"

#include "refkit/breaker/breaker_state.hpp"
#include "unit/refkit/seeds.hpp"

#include <deque>
#include <thread>

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

/// The windows as the specification tells them, with a list instead of counters.
class WindowModel {
public:
    WindowModel(std::optional<std::size_t> calls, std::optional<std::chrono::seconds> span) : calls_(calls), span_(span)
    {}

    WindowCounts record(Instant now, Outcome outcome)
    {
        seen_.push_back({now, outcome});
        return counts(now);
    }
    void clear() { seen_.clear(); }
    WindowCounts counts(Instant now)
    {
        using std::chrono::floor;
        using std::chrono::seconds;
        while (calls_ && seen_.size() > *calls_) {
            seen_.pop_front();
        }
        while (span_ && !seen_.empty() && floor<seconds>(seen_.front().first) <= floor<seconds>(now) - *span_) {
            seen_.pop_front();
        }
        WindowCounts counts;
        for (const auto& [when, outcome] : seen_) {
            ++counts.calls;
            counts.failures += outcome.failed ? 1U : 0U;
            counts.slow += outcome.slow ? 1U : 0U;
        }
        return counts;
    }

private:
    std::optional<std::size_t> calls_;
    std::optional<std::chrono::seconds> span_;
    std::deque<std::pair<Instant, Outcome>> seen_;
};

template <typename Window>
void live(Random random, Window& window, WindowModel model)
{
    Instant now{1h};
    std::uint64_t generation = 1;
    window.reset(generation);
    for (int step = 0; step < 60; ++step) {
        const Outcome outcome{random.uniform() < 0.4, random.uniform() < 0.3};
        const auto choice = random.between(0, 99);
        if (choice < 2) {
            window.reset(++generation);
            model.clear();
        } else if (choice < 10) {
            SCHEDULE_REQUIRE(!window.record(generation - 1, now, outcome).has_value());
        } else if (choice < 30) {
            now += std::chrono::milliseconds(random.between(0, choice < 12 ? 9000 : 1200));
        } else {
            SCHEDULE_REQUIRE(window.record(generation, now, outcome) == model.record(now, outcome));
        }
        SCHEDULE_REQUIRE(window.counts(now) == model.counts(now));
    }
}

template <typename Window>
void record_on_threads(Window& window, int threads, int each)
{
    std::vector<std::thread> running;
    for (int thread = 0; thread < threads; ++thread) {
        running.emplace_back([&window, each] {
            for (int i = 0; i < each; ++i) {
                (void)window.record(1, Instant(1h), {i % 2 == 0, i % 4 == 0});
            }
        });
    }
    for (auto& thread : running) {
        thread.join();
    }
}

} // namespace

TEST_CASE("a ring of calls counts like a list of the last ones, whatever happens in whatever order")
{
    for_seeds(10'000, [](std::uint64_t seed) {
        Random random(seed);
        const auto calls = static_cast<std::uint32_t>(random.between(1, 20));
        CallRing window(calls);
        live(random, window, WindowModel(calls, std::nullopt));
    });
}

TEST_CASE("buckets of seconds count like a list of the last seconds, whatever happens in whatever order")
{
    for_seeds(10'000, [](std::uint64_t seed) {
        Random random(seed);
        const std::chrono::seconds span(random.between(1, 8));
        SecondBuckets window(span);
        live(random, window, WindowModel(std::nullopt, span));
    });
}

TEST_CASE("a window decides as its counts would, though it does not look at them after every call")
{
    for_seeds(10'000, [](std::uint64_t seed) {
        Random random(seed);
        const auto size = static_cast<std::uint32_t>(random.between(2, 12));
        Rates rates;
        rates.min_calls = static_cast<std::uint32_t>(random.between(1, size));
        rates.failure_rate = Ratio::of(0.2 + 0.8 * random.uniform());
        rates.slow_call_rate = Ratio::of(0.2 + 0.8 * random.uniform());
        WindowModel model(size, std::nullopt);
        if (random.uniform() < 0.5) {
            rates.window = LastCalls{size};
        } else {
            rates.window = LastSeconds{std::chrono::seconds(size)};
            model = WindowModel(std::nullopt, std::chrono::seconds(size));
        }
        OutcomeWindow window(rates);
        window.reset(1);
        Instant now{1h};
        bool enough = false;
        for (int step = 0; step < 100 && !enough; ++step) {
            now += std::chrono::milliseconds(random.between(0, random.uniform() < 0.1 ? 9000 : 500));
            const Outcome outcome{random.uniform() < 0.2, random.uniform() < 0.1};
            const auto counts = model.record(now, outcome);
            enough = counts.calls >= rates.min_calls && reaches(rates, counts);
            SCHEDULE_REQUIRE(window.record(1, now, outcome) == enough);
            SCHEDULE_REQUIRE(window.counts(now) == counts);
        }
    });
}

TEST_CASE("a run of failures ends with a success")
{
    FailureRun run;
    run.reset(7);
    const auto fail = [&](std::uint64_t generation) { return run.record(generation, Instant(), {true, false}); };
    CHECK(fail(7)->failures == 1);
    CHECK(fail(7)->failures == 2);
    CHECK_FALSE(fail(6).has_value());
    CHECK(run.record(7, Instant(), {false, true})->failures == 0);
    CHECK(fail(7)->failures == 1);
    run.reset(8);
    CHECK_FALSE(fail(7).has_value());
    CHECK(run.counts(Instant()).failures == 0);
}

TEST_CASE("a clock that goes back a little counts in the newest second; far back, the window begins anew")
{
    SecondBuckets window(5s);
    window.reset(1);
    const Instant now(1h);
    const Outcome failed{true, false};
    CHECK(window.record(1, now, failed)->calls == 1);
    CHECK(window.record(1, now - 3s, failed)->calls == 2);
    CHECK(window.record(1, now - 30min, failed)->calls == 1);
    CHECK(window.record(1, now - 30min + 4s, failed)->calls == 2);
    CHECK(window.record(1, now - 30min + 5s, failed)->calls == 2);
}

TEST_CASE("a second counts as many calls as fit, and no more")
{
    SecondBuckets window(1s);
    window.reset(1);
    std::optional<WindowCounts> counts;
    for (int i = 0; i < 262'200; ++i) {
        counts = window.record(1, Instant(1h), {true, true});
    }
    CHECK(*counts == WindowCounts{262'143, 262'143, 262'143});
}

TEST_CASE("threads that overtake each other leave a ring true to its calls")
{
    SECTION("with room for all of them, each is counted")
    {
        CallRing ring(8'000);
        ring.reset(1);
        record_on_threads(ring, 4, 2'000);
        CHECK(ring.counts(Instant()) == WindowCounts{8'000, 4'000, 2'000});
    }
    SECTION("lap upon lap in a small one, nothing is lost or doubled")
    {
        CallRing ring(2);
        ring.reset(1);
        record_on_threads(ring, 4, 300'000);
        CHECK(ring.counts(Instant()).calls == 2);
        (void)ring.record(1, Instant(), {});
        (void)ring.record(1, Instant(), {});
        CHECK(ring.counts(Instant()) == WindowCounts{2, 0, 0});
    }
}

TEST_CASE("threads count every call while the seconds turn, whenever each of them looks at the clock")
{
    constexpr int threads = 4;
    constexpr int each = 100'000;
    SecondBuckets window(100s);
    window.reset(1);
    std::vector<std::thread> running;
    for (int thread = 0; thread < threads; ++thread) {
        running.emplace_back([&window] {
            for (int i = 0; i < each; ++i) {
                const auto now = Instant(1h) + i * 500us;
                (void)window.record_if_of_interest(1, now, {i % 10 == 0, false}, 1);
            }
        });
    }
    for (auto& thread : running) {
        thread.join();
    }
    CHECK(window.counts(Instant(1h)) == WindowCounts{threads * each, threads * each / 10, 0});
    const auto told = window.record(1, Instant(1h) + 50s, {});
    CHECK(told == WindowCounts{threads * each + 1, threads * each / 10, 0});
}

TEST_CASE("calls of an earlier generation count nothing, whatever threads still have them in hand")
{
    SecondBuckets window(5s);
    window.reset(1);
    std::atomic<std::uint64_t> generation{1};
    std::vector<std::thread> running;
    for (int thread = 0; thread < 3; ++thread) {
        running.emplace_back([&] {
            for (std::uint64_t mine = 0; mine < 2000; mine = generation) {
                (void)window.record_if_of_interest(mine, Instant(1h), {}, 1);
            }
        });
    }
    int late_ones = 0;
    for (std::uint64_t next = 2; next <= 2000; ++next) {
        window.reset(next);
        std::this_thread::yield();
        late_ones += window.counts(Instant(1h)).calls == 0 ? 0 : 1;
        generation = next;
    }
    for (auto& thread : running) {
        thread.join();
    }
    CHECK(late_ones == 0);
    window.reset(2001);
    CHECK_FALSE(window.record(2000, Instant(1h), {}).has_value());
    CHECK(window.record(2001, Instant(1h), {})->calls == 1);
}

TEST_CASE("threads count every call of a second")
{
    SecondBuckets window(3s);
    window.reset(1);
    record_on_threads(window, 4, 20'000);
    CHECK(window.counts(Instant(1h)) == WindowCounts{80'000, 40'000, 20'000});
    FailureRun run;
    run.reset(1);
    record_on_threads(run, 1, 1);
    CHECK(run.counts(Instant()).failures == 1);
}

} // namespace squall::refkit
