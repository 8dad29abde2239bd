#include "refkit/limiter/rate_state.hpp"

#include "unit/refkit/limiter/answers.hpp"
#include "unit/refkit/seeds.hpp"

#include <set>

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

const Instant start{1h};

RateParams ten_a_second(std::uint64_t burst = 1, std::size_t max_waiters = 100)
{
    return {{10, 1s, burst}, max_waiters, 30s};
}

} // namespace

TEST_CASE("callers of a rate are admitted each at its turn, in the order they came")
{
    RateState state(ten_a_second());
    Answers answers;
    const auto first = state.acquire(start, start + 1h);
    const auto second = state.acquire(start, start + 1h);
    const auto third = state.acquire(start, start + 1h);
    answers.take(state);
    CHECK(answers.admitted(first));
    CHECK_FALSE(answers.has(second));
    CHECK(answers.wake == start + 100ms);
    CHECK(state.stats().waiters == 2);

    state.tick(start + 100ms);
    answers.take(state);
    CHECK(answers.admitted(second));
    CHECK_FALSE(answers.has(third));
    CHECK(answers.wake == start + 200ms);

    state.tick(start + 200ms);
    answers.take(state);
    CHECK(answers.admitted(third));
    CHECK(state.stats().admitted == 3);
    CHECK(state.stats().waited == 2);
}

TEST_CASE("nobody overtakes those who wait, and is told its own turn")
{
    RateState state(ten_a_second());
    CHECK(state.try_acquire(start).has_value());
    (void)state.acquire(start, start + 1h);
    (void)state.acquire(start, start + 1h);
    CHECK(state.try_acquire(start + 50ms).error().retry_after == Duration(250ms));
    // Also when the timer is late: the turn at 100 ms is the first waiter's.
    CHECK(state.try_acquire(start + 100ms).has_error());
    CHECK(state.stats().waiters == 1);
}

TEST_CASE("a caller whose turn lies behind its deadline is refused at once, and costs nobody anything")
{
    RateState state(ten_a_second());
    Answers answers;
    (void)state.acquire(start, start + 1h);
    const auto hasty = state.acquire(start, start + 99ms);
    const auto patient = state.acquire(start, start + 100ms);
    answers.take(state);
    REQUIRE(answers.refused(hasty).has_value());
    CHECK(answers.refused(hasty)->error == Errc::rate_limited);
    CHECK(answers.refused(hasty)->retry_after == Duration(100ms));
    state.tick(start + 100ms);
    answers.take(state);
    CHECK(answers.admitted(patient));
}

TEST_CASE("whose turn a late timer moved behind its deadline is told so then, also behind others")
{
    RateState state(ten_a_second());
    Answers answers;
    (void)state.acquire(start, start + 1h);
    const auto patient = state.acquire(start, start + 1h);
    const auto others = state.acquire(start, start + 1h);
    const auto hasty = state.acquire(start, start + 310ms);
    state.tick(start + 250ms); // due at 100 ms: the next turns are at 350 ms and 450 ms
    answers.take(state);
    CHECK(answers.admitted(patient));
    CHECK_FALSE(answers.has(others));
    CHECK_FALSE(answers.has(hasty));
    CHECK(answers.wake == start + 310ms);
    state.tick(start + 310ms);
    answers.take(state);
    CHECK(answers.refused(hasty)->error == Errc::acquire_timeout);
    CHECK(answers.wake == start + 350ms);
    CHECK(state.stats().timeouts == 1);
}

TEST_CASE("a queue that is full refuses")
{
    RateState state(ten_a_second(1, 1));
    Answers answers;
    (void)state.acquire(start, start + 1h);
    (void)state.acquire(start, start + 1h);
    const auto third = state.acquire(start, start + 1h);
    answers.take(state);
    CHECK(answers.refused(third)->error == Errc::rate_limited);
    CHECK(answers.refused(third)->retry_after == Duration(200ms));
}

TEST_CASE("those behind a caller that goes away move up")
{
    RateState state(ten_a_second());
    Answers answers;
    (void)state.acquire(start, start + 1h);
    std::vector<CallerId> gone;
    for (int i = 0; i < 50; ++i) {
        gone.push_back(state.acquire(start, start + 1h));
    }
    const auto last = state.acquire(start, start + 1h);
    for (const auto caller : gone) {
        state.cancel(caller, start);
        state.cancel(caller, start);
    }
    state.tick(start + 100ms);
    answers.take(state);
    CHECK(answers.admitted(last));
    CHECK(answers.refused(gone.front())->error == Errc::acquire_cancelled);
    CHECK(state.stats().cancelled == 50);
}

TEST_CASE("a caller whose deadline a late timer missed does not take the turn of the next")
{
    RateState state(ten_a_second());
    Answers answers;
    (void)state.acquire(start, start + 1h);
    const auto missed = state.acquire(start, start + 100ms);
    const auto next = state.acquire(start, start + 1h);
    state.tick(start + 101ms);
    answers.take(state);
    CHECK(answers.refused(missed)->error == Errc::acquire_timeout);
    CHECK(answers.admitted(next));
}

TEST_CASE("a rate with a queue keeps its promises whatever happens, in whatever order")
{
    for_seeds(10'000, [](std::uint64_t seed) {
        Random random(seed);
        const auto burst = static_cast<std::uint64_t>(random.between(1, 5));
        RateState state(ten_a_second(burst, static_cast<std::size_t>(random.between(0, 8))));
        Answers answers;
        auto now = start;
        std::vector<Instant> admitted;
        std::set<CallerId> waiting;
        std::uint64_t asked = 0;
        const auto note = [&] {
            for (const auto& [caller, refused] : answers.take(state)) {
                SCHEDULE_REQUIRE(waiting.contains(caller));
                if (!refused) {
                    SCHEDULE_REQUIRE(caller == *waiting.begin()); // first come, first served
                    admitted.push_back(now);
                }
                waiting.erase(caller);
            }
        };
        for (int step = 0; step < 80; ++step) {
            const auto choice = random.between(0, 9);
            if (choice < 4) {
                waiting.insert(state.acquire(now, now + std::chrono::milliseconds(random.between(0, 900))));
                ++asked;
            } else if (choice < 5) {
                ++asked;
                const bool alone = state.try_acquire(now).has_value();
                note();
                if (alone) {
                    SCHEDULE_REQUIRE(waiting.empty());
                    admitted.push_back(now);
                }
            } else if (choice < 6 && !waiting.empty()) {
                auto chosen = waiting.begin();
                std::advance(chosen, random.between(0, static_cast<std::int64_t>(waiting.size()) - 1));
                state.cancel(*chosen, now);
            } else {
                now += std::chrono::milliseconds(random.between(0, 150));
                state.tick(now); // mostly late
            }
            note();
            const auto stats = state.stats();
            SCHEDULE_REQUIRE(stats.waiters == waiting.size());
            SCHEDULE_REQUIRE(stats.admitted == admitted.size());
            SCHEDULE_REQUIRE(asked ==
                             stats.admitted + stats.rejected + stats.timeouts + stats.cancelled + stats.waiters);
            // Who waits is never forgotten.
            SCHEDULE_REQUIRE(waiting.empty() || (answers.wake && *answers.wake > now));
        }
        for (std::size_t i = 0; i < admitted.size(); ++i) {
            for (std::size_t j = i; j < admitted.size(); ++j) {
                const auto calls = static_cast<std::int64_t>(j - i + 1);
                SCHEDULE_REQUIRE((calls - static_cast<std::int64_t>(burst)) * Duration(100ms) <=
                                 admitted[j] - admitted[i]);
            }
        }
    });
}

TEST_CASE("parameters of a rate with a queue that make no sense are refused")
{
    auto params = ten_a_second();
    CHECK(check(params).has_value());
    params.acquire_timeout = 0s;
    CHECK_THROWS_AS(RateState(params), std::invalid_argument);
    CHECK_FALSE(check(ten_a_second(0)).has_value());
}

} // namespace squall::refkit
