#include "bench/refkit_subjects.hpp"

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

void call_failing(refkit::CircuitBreaker& breaker, int times)
{
    for (int i = 0; i < times; ++i) {
        if (auto permit = breaker.try_acquire_permission()) {
            i % 50 == 0 ? permit->on_error() : permit->on_success();
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
      failing_ring_(judged_by(Rates{}), Random(1), clock_),
      failing_seconds_(judged_by(by_the_minute()), Random(1), clock_),
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
void Guards::call_ring_failing(int times)
{
    call_failing(failing_ring_, times);
}
void Guards::call_seconds_failing(int times)
{
    call_failing(failing_seconds_, times);
}
void Guards::call_open(int times)
{
    call(open_, times);
}

namespace {

refkit::PoolParams connections(std::size_t count)
{
    refkit::PoolParams params;
    params.max = count;
    params.min_idle = count;
    params.connect_limit = count;
    params.validate_after = 1h;
    params.max_lifetime.reset();
    return params;
}

struct PostAgain {
    const asio::any_io_executor* executor;
    int* left;
    void operator()() const
    {
        if (--*left > 0) {
            asio::post(*executor, *this);
        }
    }
};

/// A caller that asks again before it gives back.
template <typename Pool>
struct AskAgain {
    Pool* pool;
    int* left;
    void operator()(error_code, typename Pool::Loan) const
    {
        if (--*left > 0) {
            pool->async_get_connection(*this);
        }
    }
};

template <typename Done>
void run_until(asio::io_context& context, Done done)
{
    context.restart();
    while (!done()) {
        context.run_one();
    }
}

template <typename Pool>
void open_pool(asio::io_context& context, Pool& pool)
{
    asio::co_spawn(context, pool.run(), asio::detached);
    run_until(context, [&pool] { return pool.stats().idle == pool.params().max; });
}

template <typename Pool>
void close_pool(asio::io_context& context, Pool& pool)
{
    pool.cancel();
    run_until(context, [&pool] { return pool.stats().total == 0; });
}

} // namespace

FreePlaces::FreePlaces()
    : limiter_(context_.get_executor(), refkit::AimdParams{}, refkit::QueueParams{}),
      pool_(context_.get_executor(), FreeAdapter(), connections(1), Random(1))
{
    open_pool(context_, pool_);
}

FreePlaces::~FreePlaces()
{
    close_pool(context_, pool_);
}

void FreePlaces::try_limiter(int times)
{
    for (int i = 0; i < times; ++i) {
        if (auto permit = limiter_.try_acquire()) {
            permit->on_success();
        }
    }
}

void FreePlaces::try_pool(int times)
{
    for (int i = 0; i < times; ++i) {
        (void)pool_.try_acquire();
    }
}

HandOffs::HandOffs(int width)
    : width_(width),
      limiter_(context_.get_executor(), refkit::FixedLimit::Params{static_cast<std::size_t>(width)},
               refkit::QueueParams{.codel = std::nullopt}),
      pool_(context_.get_executor(), FreeAdapter(), connections(static_cast<std::size_t>(width)), Random(1))
{
    open_pool(context_, pool_);
}

HandOffs::~HandOffs()
{
    close_pool(context_, pool_);
}

void HandOffs::post_handlers(int times)
{
    int left = 2 * times;
    for (int chain = 0; chain < width_; ++chain) {
        asio::post(pool_.executor(), PostAgain{&pool_.executor(), &left});
    }
    run_until(context_, [&] { return left <= 1 - width_; });
}

Task<void> HandOffs::post_again(int* left)
{
    while (--*left > 0) {
        co_await asio::post(asio::use_awaitable);
    }
}

void HandOffs::post_coroutines(int times)
{
    int left = 2 * times;
    for (int chain = 0; chain < width_; ++chain) {
        asio::co_spawn(context_, post_again(&left), asio::detached);
    }
    run_until(context_, [&] { return left <= 1 - width_; });
}

void HandOffs::pool_to_handlers(int times)
{
    int left = times;
    for (int user = 0; user < 2 * width_; ++user) {
        pool_.async_get_connection(AskAgain<Pool>{&pool_, &left});
    }
    run_until(context_, [&] { return left <= 1 - 2 * width_; });
}

Task<void> HandOffs::use_limiter(refkit::ConcurrencyLimiter* limiter, int* left)
{
    {
        auto held = co_await limiter->acquire(Instant::max());
        co_await asio::post(asio::use_awaitable); // the others queue up meanwhile, and some always do from now on
    }
    while (--*left > 0) {
        auto got = co_await limiter->acquire(Instant::max());
    }
}

Task<void> HandOffs::use_pool(Pool* pool, int* left)
{
    {
        auto held = co_await pool->acquire(Instant::max());
        co_await asio::post(asio::use_awaitable); // the others queue up meanwhile, and some always do from now on
    }
    while (--*left > 0) {
        auto got = co_await pool->acquire(Instant::max());
    }
}

void HandOffs::limiter_to_coroutines(int times)
{
    int left = times;
    for (int user = 0; user < 2 * width_; ++user) {
        asio::co_spawn(context_, use_limiter(&limiter_, &left), asio::detached);
    }
    run_until(context_, [&] { return left <= 0 && limiter_.stats().in_flight == 0; });
}

void HandOffs::pool_to_coroutines(int times)
{
    int left = times;
    for (int user = 0; user < 2 * width_; ++user) {
        asio::co_spawn(context_, use_pool(&pool_, &left), asio::detached);
    }
    run_until(context_, [&] { return left <= 0 && pool_.stats().acquired == 0; });
}

} // namespace squall::bench
