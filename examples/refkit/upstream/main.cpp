// A circuit breaker and a gradient limiter around a service that fails for a while.
#include "refkit/breaker/circuit_breaker.hpp"
#include "refkit/limiter/concurrency_limiter.hpp"

#include <boost/asio.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <random>

using namespace squall;
using namespace std::chrono_literals;

namespace {

/// In place of a real one: 2 ms a call.
struct Upstream {
    bool is_broken = false;
    int calls = 0;
};

Task<bool> call(Upstream& upstream)
{
    ++upstream.calls;
    asio::steady_timer answer(co_await asio::this_coro::executor, 2ms);
    co_await answer.async_wait(use_result);
    co_return !upstream.is_broken;
}

struct Guards {
    refkit::CircuitBreaker breaker;
    refkit::GradientLimiter limiter;
};

/// Nothing, or why the call was not made or failed.
using Outcome = boost::system::result<void, refkit::Rejection>;

Task<Outcome> guarded_call(Guards& guards, Upstream& upstream, bool& failed)
{
    auto permit = guards.breaker.try_acquire_permission();
    if (!permit) {
        co_return permit.error(); // circuit_open, with retry_after
    }
    auto place = co_await guards.limiter.acquire();
    if (!place) {
        co_return place.error(); // the permit, destroyed without a word, says nothing about the service
    }
    failed = !co_await call(upstream);
    if (failed) {
        permit->on_error();
        place->on_dropped();
    } else {
        permit->on_success();
        place->on_success();
    }
    co_return Outcome();
}

struct Tally {
    int good = 0;
    int failed = 0;
    int refused = 0;
    std::optional<Duration> retry_after; // the last
};

Task<Tally> ask(Guards& guards, Upstream& upstream, int times)
{
    Tally tally;
    for (int i = 0; i < times; ++i) {
        bool failed = false;
        const auto outcome = co_await guarded_call(guards, upstream, failed);
        if (!outcome) {
            ++tally.refused;
            tally.retry_after = outcome.error().retry_after;
        } else {
            ++(failed ? tally.failed : tally.good);
        }
    }
    co_return tally;
}

void print(const char* when, const Tally& tally, const Upstream& upstream)
{
    std::printf("%-10s %3d good, %2d failed, %3d refused; %3d calls reached the service\n", when, tally.good,
                tally.failed, tally.refused, upstream.calls);
}

Task<void> day(Guards& guards, bool& good)
{
    Upstream upstream;
    const auto healthy = co_await ask(guards, upstream, 50);
    print("healthy:", healthy, upstream);

    upstream.is_broken = true;
    const auto broken = co_await ask(guards, upstream, 100);
    print("broken:", broken, upstream);

    upstream.is_broken = false;
    asio::steady_timer wait(co_await asio::this_coro::executor, broken.retry_after.value_or(1s) + 10ms);
    co_await wait.async_wait(use_result);
    const auto again = co_await ask(guards, upstream, 50);
    print("recovered:", again, upstream);

    const auto stats = guards.breaker.stats();
    std::printf("breaker: %s after %llu changes; limit %zu\n", std::string(to_string(stats.phase)).c_str(),
                static_cast<unsigned long long>(stats.transitions), guards.limiter.stats().limit);
    good = healthy.good == 50 && broken.failed == 5 && broken.refused == 95 && again.good == 50;
}

} // namespace

int main()
{
    asio::io_context context(1);
    refkit::BreakerParams breaker;
    breaker.rule = refkit::ConsecutiveFailures{5};
    breaker.open_wait = 200ms;
    Guards guards{
        {breaker, Random(std::random_device{}()), std::make_shared<SteadyClock>(),
         [](const refkit::Transition& moved) {
             std::printf("           the breaker is %s\n", std::string(to_string(moved.to)).c_str());
         }},
        {context.get_executor(), refkit::GradientParams{}, refkit::QueueParams{}},
    };
    bool good = false;
    asio::co_spawn(context, day(guards, good), [](const std::exception_ptr& thrown) {
        if (thrown) {
            std::rethrow_exception(thrown);
        }
    });
    context.run();
    return good ? 0 : 1;
}
