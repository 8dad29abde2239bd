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
#include <vector>

namespace squall::bench {

constexpr int crowd = 32;

class Yardsticks {
public:
    void limiter_check(int times);
    void breaker_call(int times);
    void mutexes(int times);
    void posts(int times);
    /// As many as `crowd` at a time: the event loop is busy.
    void posts_in_crowd(int times);

private:
    struct alignas(64) Cell {
        std::atomic<std::uint64_t> count{0};
    };
    void modify(std::size_t cells);

    Cell cells_[6];
    std::mutex mutex_;
    asio::io_context context_{1};
    asio::steady_timer reactor_{context_}; // is polled in every turn, as in each program with a socket or a timer
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

/// On one event loop. A hand-off: a coroutine that waits gets what another gives back, and gives it back itself.
class Queues {
public:
    Queues();
    ~Queues();
    Queues(const Queues&) = delete;
    Queues& operator=(const Queues&) = delete;
    void try_limiter(int times);
    void try_pool(int times);
    void hand_on_limiter(int times);
    /// In as many queues as `crowd` at a time: the event loop is busy.
    void hand_on_crowd(int times);
    void hand_on_pool(int times);

private:
    using Pool = refkit::ConnectionPool<FreeAdapter>;
    static Task<void> use_limiter(refkit::ConcurrencyLimiter* limiter, int* left);
    void hand_on(const std::vector<refkit::ConcurrencyLimiter*>& limiters, int times);
    static Task<void> use_pool(Pool* pool, int* left);

    asio::io_context context_{1};
    refkit::ConcurrencyLimiter limiter_;
    refkit::ConcurrencyLimiter single_;
    std::vector<std::unique_ptr<refkit::ConcurrencyLimiter>> crowd_;
    Pool pool_;
};

} // namespace squall::bench
