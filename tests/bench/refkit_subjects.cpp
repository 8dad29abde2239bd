#include "bench/refkit_subjects.hpp"

#include <algorithm>

namespace squall::bench {

using namespace std::chrono_literals;
using refkit::Rates;

void Yardsticks::modify(std::size_t cells)
{
    for (std::size_t i = 0; i < cells; ++i) {
        cells_[i].count.fetch_add(1, std::memory_order_relaxed);
    }
}

namespace {

/// What is read must not be optimised away.
void keep(Instant at)
{
    asm volatile("" : : "r"(at.time_since_epoch().count()) : "memory");
}

} // namespace

void Yardsticks::limiter_check(int times)
{
    for (int i = 0; i < times; ++i) {
        keep(std::chrono::steady_clock::now());
        modify(3);
    }
}

void Yardsticks::breaker_call(int times)
{
    for (int i = 0; i < times; ++i) {
        keep(std::chrono::steady_clock::now());
        modify(3);
        keep(std::chrono::steady_clock::now());
        modify(3);
    }
}

void Yardsticks::mutexes(int times)
{
    for (int i = 0; i < 5 * times; ++i) {
        mutex_.lock();
        mutex_.unlock();
    }
}

void Yardsticks::posts(int times)
{
    const auto kept_running = asio::make_work_guard(context_);
    context_.restart(); // it stopped when it ran out of work
    for (int i = 0; i < 2 * times; ++i) {
        asio::post(context_, [] {});
        context_.poll_one();
    }
}

void Yardsticks::posts_in_crowd(int times)
{
    const auto kept_running = asio::make_work_guard(context_);
    context_.restart();
    for (int i = 0; i < 2 * times; i += crowd) {
        for (int each = 0; each < crowd; ++each) {
            asio::post(context_, [] {});
        }
        for (int each = 0; each < crowd; ++each) {
            context_.poll_one();
        }
    }
}

namespace {

refkit::BreakerParams judged_by(std::variant<refkit::ConsecutiveFailures, Rates> rule)
{
    refkit::BreakerParams params;
    params.rule = rule;
    params.open_wait_longest = 24h;
    params.open_wait = 24h;
    return params;
}

Rates by_the_minute()
{
    Rates rates;
    rates.window = refkit::LastSeconds{};
    return rates;
}

std::optional<refkit::MemoryUse> plenty()
{
    return refkit::MemoryUse{ByteCount(1), ByteCount(1'000'000)};
}

void call(refkit::CircuitBreaker& breaker, int times)
{
    for (int i = 0; i < times; ++i) {
        if (auto permit = breaker.try_acquire_permission()) {
            permit->on_success();
        }
    }
}

void ask(refkit::Gcra& rate, int times)
{
    for (int i = 0; i < times; ++i) {
        (void)rate.try_acquire(std::chrono::steady_clock::now());
    }
}

} // namespace

Guards::Guards()
    : rate_({10'000'000, 1s, 1000}),
      slow_rate_({1000, 1s, 1}),
      wide_rate_({10'000'000, 1s, 3'000'000'000'000}),
      shedder_({}, plenty, clock_),
      counting_(judged_by(refkit::ConsecutiveFailures{}), Random(1), clock_),
      ring_(judged_by(Rates{}), Random(1), clock_),
      seconds_(judged_by(by_the_minute()), Random(1), clock_),
      open_(judged_by(refkit::ConsecutiveFailures{1}), Random(1), clock_)
{
    open_.try_acquire_permission().value().on_error();
}

void Guards::ask_rate(int times)
{
    ask(rate_, times);
}
void Guards::ask_slow_rate(int times)
{
    ask(slow_rate_, times);
}
void Guards::ask_wide_rate(int times)
{
    ask(wide_rate_, times);
}
void Guards::ask_shedder(int times)
{
    for (int i = 0; i < times; ++i) {
        (void)shedder_.try_acquire();
    }
}
void Guards::call_counting(int times)
{
    call(counting_, times);
}
void Guards::call_ring(int times)
{
    call(ring_, times);
}
void Guards::call_seconds(int times)
{
    call(seconds_, times);
}
void Guards::call_open(int times)
{
    call(open_, times);
}

namespace {

refkit::PoolParams one_connection()
{
    refkit::PoolParams params;
    params.max = 1;
    params.min_idle = 1;
    params.validate_after = 1h;
    params.max_lifetime.reset();
    return params;
}

} // namespace

Queues::Queues()
    : limiter_(context_.get_executor(), refkit::AimdParams{}, refkit::QueueParams{}),
      single_(context_.get_executor(), refkit::FixedLimit::Params{1}, refkit::QueueParams{.codel = std::nullopt}),
      pool_(context_.get_executor(), FreeAdapter(), one_connection(), Random(1))
{
    for (int each = 0; each < crowd; ++each) {
        crowd_.push_back(std::make_unique<refkit::ConcurrencyLimiter>(
            context_.get_executor(), refkit::FixedLimit::Params{1}, refkit::QueueParams{.codel = std::nullopt}));
    }
    asio::co_spawn(context_, pool_.run(), asio::detached);
    while (pool_.stats().idle == 0) {
        context_.run_one();
    }
}

Queues::~Queues()
{
    pool_.cancel();
    context_.restart();
    while (pool_.stats().total > 0) {
        context_.run_one();
    }
}

void Queues::try_limiter(int times)
{
    for (int i = 0; i < times; ++i) {
        if (auto permit = limiter_.try_acquire()) {
            permit->on_success();
        }
    }
}

void Queues::try_pool(int times)
{
    for (int i = 0; i < times; ++i) {
        (void)pool_.try_acquire();
    }
}

Task<void> Queues::use_limiter(refkit::ConcurrencyLimiter* limiter, int* left)
{
    {
        auto held = co_await limiter->acquire(Instant::max());
        co_await asio::post(asio::use_awaitable); // the others queue up meanwhile, and there is always one from now on
    }
    while (--*left > 0) {
        auto got = co_await limiter->acquire(Instant::max());
    }
}

Task<void> Queues::use_pool(Pool* pool, int* left)
{
    {
        auto held = co_await pool->acquire(Instant::max());
        co_await asio::post(asio::use_awaitable); // the others queue up meanwhile, and there is always one from now on
    }
    while (--*left > 0) {
        auto got = co_await pool->acquire(Instant::max());
    }
}

void Queues::hand_on(const std::vector<refkit::ConcurrencyLimiter*>& limiters, int times)
{
    int left = times;
    for (auto* limiter : limiters) {
        for (int user = 0; user < 4; ++user) {
            asio::co_spawn(context_, use_limiter(limiter, &left), asio::detached);
        }
    }
    context_.restart();
    while (left > 0) {
        context_.run_one();
    }
    const auto in_use = [](const auto* limiter) { return limiter->stats().in_flight > 0; };
    while (std::any_of(limiters.begin(), limiters.end(), in_use)) {
        context_.run_one();
    }
}

void Queues::hand_on_limiter(int times)
{
    hand_on({&single_}, times);
}

void Queues::hand_on_crowd(int times)
{
    std::vector<refkit::ConcurrencyLimiter*> limiters;
    for (const auto& limiter : crowd_) {
        limiters.push_back(limiter.get());
    }
    hand_on(limiters, times);
}

void Queues::hand_on_pool(int times)
{
    int left = times;
    for (int user = 0; user < 4; ++user) {
        asio::co_spawn(context_, use_pool(&pool_, &left), asio::detached);
    }
    context_.restart();
    while (left > 0 || pool_.stats().acquired > 0) {
        context_.run_one();
    }
}

} // namespace squall::bench
