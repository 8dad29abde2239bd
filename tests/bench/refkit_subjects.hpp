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

/// What nobody has to wait for.
class FreePlaces {
public:
    FreePlaces();
    ~FreePlaces();
    FreePlaces(const FreePlaces&) = delete;
    FreePlaces& operator=(const FreePlaces&) = delete;
    void try_limiter(int times);
    void try_pool(int times);

private:
    asio::io_context context_{1};
    refkit::ConcurrencyLimiter limiter_;
    refkit::ConnectionPool<FreeAdapter> pool_;
};

/// On one event loop, that of the yardsticks too: one that waits gets what another gives back, and gives it back
/// itself. `width` handlers are ready at any time: with 1, each has a turn of the loop for itself, in which Asio asks
/// the system for events; with many, that is a small part of each.
class HandOffs {
public:
    explicit HandOffs(int width);
    ~HandOffs();
    HandOffs(const HandOffs&) = delete;
    HandOffs& operator=(const HandOffs&) = delete;
    /// Two posts each time, to the executor that hands on: of a handler, and of a coroutine.
    void post_handlers(int times);
    void post_coroutines(int times);
    void pool_to_handlers(int times);
    void pool_to_coroutines(int times);
    void limiter_to_coroutines(int times);

private:
    using Pool = refkit::ConnectionPool<FreeAdapter>;
    static Task<void> post_again(int* left);
    static Task<void> use_limiter(refkit::ConcurrencyLimiter* limiter, int* left);
    static Task<void> use_pool(Pool* pool, int* left);

    int width_;
    asio::io_context context_{1};
    refkit::ConcurrencyLimiter limiter_;
    Pool pool_;
};

} // namespace squall::bench
