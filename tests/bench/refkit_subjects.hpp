// What bench_refkit measures: parts of the kit in their steady state, and what their costs are held against.
#pragma once

#include "refkit/breaker/circuit_breaker.hpp"
#include "refkit/limiter/concurrency_limiter.hpp"
#include "refkit/limiter/gcra.hpp"
#include "refkit/limiter/pressure_shedder.hpp"
#include "refkit/pool/connection_pool.hpp"

#include <atomic>
#include <memory>
#include <mutex>

namespace squall::bench {

class Yardsticks {
public:
    void limiter_check(int times);
    void breaker_call(int times);
    void mutexes(int times);

private:
    struct alignas(64) Cell {
        std::atomic<std::uint64_t> count{0};
    };
    void modify(std::size_t cells);

    Cell cells_[6];
    std::mutex mutex_;
};

/// For many threads.
class Guards {
public:
    Guards();
    void ask_rate(int times);
    void ask_slow_rate(int times);
    void ask_wide_rate(int times);
    void ask_shedder(int times);
    void call_counting(int times);
    void call_ring(int times);
    void call_seconds(int times);
    void call_ring_failing(int times); // one in 50 fails
    void call_seconds_failing(int times);
    void call_open(int times);

private:
    std::shared_ptr<const Clock> clock_ = std::make_shared<SteadyClock>();
    refkit::Gcra rate_;      // of what one thread asks for about half
    refkit::Gcra slow_rate_; // 1,000 a second
    refkit::Gcra wide_rate_; // more than anybody asks for
    refkit::PressureShedder shedder_;
    refkit::CircuitBreaker counting_;
    refkit::CircuitBreaker ring_;
    refkit::CircuitBreaker seconds_;
    refkit::CircuitBreaker failing_ring_;
    refkit::CircuitBreaker failing_seconds_;
    refkit::CircuitBreaker open_;
};

/// Connections that cost nothing.
struct FreeAdapter {
    struct Connection {
        std::uint64_t used = 0;
    };
    [[nodiscard]] Connection make(const asio::any_io_executor&) const { return {}; }
    Task<Result<void>> dial(Connection&, Instant) const { co_return Result<void>(); }
    Task<bool> validate(Connection&, Instant) const { co_return true; }
    Task<bool> reset(Connection&, Instant) const { co_return true; }
    [[nodiscard]] refkit::ReturnedAs condition(const Connection&) const { return refkit::ReturnedAs::clean; }
    void close(Connection&) const {}
};

/// On one event loop, that of the yardsticks, too: `ready` handlers have their turn to come at any time, so that asking
/// the operating system for events is a small part of each. A hand-off: one that waits gets what another gives back,
/// and gives it back itself.
class Queues {
public:
    Queues();
    ~Queues();
    Queues(const Queues&) = delete;
    Queues& operator=(const Queues&) = delete;
    void try_limiter(int times);
    void try_pool(int times);
    /// Two posts each time, to the executor that hands on: of a handler, and of a coroutine.
    void post_handlers(int times);
    void post_coroutines(int times);
    void hand_on_pool_to_handlers(int times);
    void hand_on_pool_to_coroutines(int times);
    void hand_on_limiter(int times);

private:
    static constexpr int ready = 16;
    using Pool = refkit::ConnectionPool<FreeAdapter>;
    static Task<void> post_again(int* left);
    static Task<void> use_limiter(refkit::ConcurrencyLimiter* limiter, int* left);
    static Task<void> use_pool(Pool* pool, int* left);
    /// Runs the loop until done().
    template <typename Done>
    void run_until(Done done);

    asio::io_context context_{1};
    refkit::ConcurrencyLimiter limiter_;
    refkit::ConcurrencyLimiter crowded_limiter_;
    Pool pool_;
    Pool crowded_pool_;
};

} // namespace squall::bench
