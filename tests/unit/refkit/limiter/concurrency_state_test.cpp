#include "refkit/limiter/concurrency_state.hpp"

#include "unit/refkit/limiter/answers.hpp"
#include "unit/refkit/seeds.hpp"

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

const Instant start{1h};

QueueParams plain_queue(std::size_t max_waiters = 10)
{
    return {max_waiters, 1s, std::nullopt};
}

void fill(ConcurrencyState& state)
{
    while (state.try_acquire(start)) {
    }
}

} // namespace

TEST_CASE("as many calls as allowed run at a time, the others wait in the order they came")
{
    ConcurrencyState state(plain_queue(), 2);
    Answers answers;
    CHECK(state.try_acquire(start).has_value());
    CHECK(state.try_acquire(start).has_value());
    CHECK(state.try_acquire(start).error().code() == Errc::concurrency_limited);
    const auto first = state.acquire(start, start + 1h);
    const auto second = state.acquire(start, start + 1h);
    answers.take(state);
    CHECK_FALSE(answers.has(first));
    state.release(start + 1ms);
    answers.take(state);
    CHECK(answers.admitted(first));
    CHECK_FALSE(answers.has(second));
    // The place is the first one's though it did not collect it yet.
    CHECK(state.in_flight() == 2);
    CHECK(state.try_acquire(start + 1ms).has_error());
    state.collect(first);
    state.release(start + 2ms);
    answers.take(state);
    CHECK(answers.admitted(second));
}

TEST_CASE("a full queue refuses at once")
{
    ConcurrencyState state(plain_queue(1), 1);
    Answers answers;
    fill(state);
    (void)state.acquire(start, start + 1h);
    const auto refused = state.acquire(start, start + 1h);
    answers.take(state);
    CHECK(answers.refused(refused)->error == Errc::concurrency_limited);
    ConcurrencyState none(plain_queue(0), 1);
    const auto served = none.acquire(start, start + 1h);
    const auto not_served = none.acquire(start, start + 1h);
    Answers others;
    others.take(none);
    CHECK(others.admitted(served));
    CHECK(others.refused(not_served)->error == Errc::concurrency_limited);
}

TEST_CASE("a caller that goes away gives its place to the next, also one that it did not collect")
{
    ConcurrencyState state(plain_queue(), 1);
    Answers answers;
    fill(state);
    const auto first = state.acquire(start, start + 1h);
    const auto second = state.acquire(start, start + 1h);
    const auto third = state.acquire(start, start + 1h);
    state.cancel(first, start);
    state.release(start);
    state.cancel(second, start); // was answered, did not collect
    state.cancel(second, start);
    answers.take(state);
    CHECK(answers.refused(first)->error == Errc::acquire_cancelled);
    CHECK(answers.admitted(second));
    CHECK(answers.admitted(third));
    CHECK(state.in_flight() == 1);
    CHECK(state.stats().cancelled == 2);
}

TEST_CASE("a deadline takes only its own caller out of the queue")
{
    ConcurrencyState state(plain_queue(), 1);
    Answers answers;
    fill(state);
    const auto patient = state.acquire(start, start + 1h);
    const auto hasty = state.acquire(start, start + 50ms);
    answers.take(state);
    CHECK(answers.wake == start + 50ms);
    state.tick(start + 50ms);
    answers.take(state);
    CHECK(answers.refused(hasty)->error == Errc::acquire_timeout);
    CHECK_FALSE(answers.has(patient));
    state.release(start + 51ms);
    answers.take(state);
    CHECK(answers.admitted(patient));
}

TEST_CASE("a limit that falls takes nothing back, one that rises lets those who wait in")
{
    ConcurrencyState state(plain_queue(), 3);
    Answers answers;
    fill(state);
    state.set_limit(1, start);
    const auto first = state.acquire(start, start + 1h);
    const auto second = state.acquire(start, start + 1h);
    state.release(start);
    state.release(start);
    answers.take(state);
    CHECK_FALSE(answers.has(first));
    CHECK(state.in_flight() == 1);
    state.set_limit(3, start);
    answers.take(state);
    CHECK(answers.admitted(first));
    CHECK(answers.admitted(second));
}

TEST_CASE("a queue that stands is shed down to those who waited little")
{
    ConcurrencyState state({1000, 1h, CodelParams{}}, 1);
    Answers answers;
    fill(state);
    std::vector<CallerId> callers;
    // One call of 10 ms at a time, two new callers in each: the queue grows and grows.
    auto now = start;
    for (int i = 0; i < 100; ++i) {
        callers.push_back(state.acquire(now, now + 1h));
        callers.push_back(state.acquire(now, now + 1h));
        now += 10ms;
        state.release(now);
        for (const auto& [caller, refused] : answers.take(state)) {
            if (!refused) {
                state.collect(caller);
            }
        }
    }
    const auto stats = state.stats();
    CHECK(stats.shed > 50);
    CHECK(stats.waiters < 40); // 100 without
    CHECK(stats.admitted > 90);
    const auto shed = std::find_if(callers.begin(), callers.end(),
                                   [&](CallerId caller) { return answers.refused(caller).has_value(); });
    REQUIRE(shed != callers.end());
    CHECK(answers.refused(*shed)->error == Errc::shed);
    CHECK(answers.refused(*shed)->retry_after == Duration(100ms));
}

TEST_CASE("parameters of a queue that make no sense are refused")
{
    CHECK(check(QueueParams{}).has_value());
    CHECK_THROWS_AS(ConcurrencyState({}, 0), std::invalid_argument);
    CHECK_THROWS_AS(ConcurrencyState({10, 0s, std::nullopt}, 1), std::invalid_argument);
    CHECK_THROWS_AS(ConcurrencyState({10, 1s, CodelParams{0ms, 1ms}}, 1), std::invalid_argument);
}

} // namespace squall::refkit
