// Completion tokens other than coroutines, pools for many threads, and pools that are shared by key.
#include "catch.hpp"
#include "refkit/pool/connection_pool.hpp"
#include "refkit/pool/shared_pools.hpp"

#include <atomic>
#include <future>
#include <optional>
#include <thread>

using namespace squall;
using namespace squall::refkit;
using namespace std::chrono_literals;

namespace {

/// What the connections of a test did; counted from any thread.
struct Server {
    std::atomic<int> open = 0;
    std::atomic<int> most_open = 0;
    std::atomic<int> resets = 0;
};

struct Connection {
    bool open = false;
    int users = 0; // not atomic: two at a time are a data race, which ThreadSanitizer sees
    ReturnedAs condition = ReturnedAs::clean;
};

struct CountingAdapter {
    using Connection = ::Connection;
    Server* server;

    [[nodiscard]] Connection make(const asio::any_io_executor&) const { return {}; }
    Task<Result<void>> dial(Connection& connection, Instant) const
    {
        co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
        connection.open = true;
        const int now = ++server->open;
        int most = server->most_open;
        while (most < now && !server->most_open.compare_exchange_weak(most, now)) {
        }
        co_return Result<void>();
    }
    Task<bool> validate(Connection&, Instant) const { co_return true; }
    Task<bool> reset(Connection& connection, Instant) const
    {
        ++server->resets;
        connection.condition = ReturnedAs::clean;
        co_return true;
    }
    [[nodiscard]] ReturnedAs condition(const Connection& connection) const { return connection.condition; }
    void close(Connection& connection) const
    {
        server->open -= connection.open ? 1 : 0;
        connection.open = false;
    }
    friend bool operator==(const CountingAdapter&, const CountingAdapter&) = default;
};

using Pool = ConnectionPool<CountingAdapter>;

PoolParams pool_of(std::size_t max)
{
    PoolParams params;
    params.max = max;
    return params;
}

/// A pool that runs, and what the last caller got.
struct Fixture {
    explicit Fixture(std::size_t max)
        : pool(std::make_unique<Pool>(io.get_executor(), CountingAdapter{&server}, pool_of(max), Random(1)))
    {
        pool->async_run([this](error_code) { run_ended = true; });
        settle();
    }
    void settle()
    {
        io.restart();
        io.poll();
    }
    Pool::Loan take()
    {
        Pool::Loan taken;
        pool->async_get_connection([&](error_code error, Pool::Loan loan) {
            CHECK_FALSE(error);
            taken = std::move(loan);
        });
        settle();
        return taken;
    }

    Server server;
    asio::io_context io;
    std::unique_ptr<Pool> pool;
    bool run_ended = false;
};

/// Counts what is allocated through it.
template <typename T>
struct CountingAllocator {
    using value_type = T;
    explicit CountingAllocator(int& its_count) : count(&its_count) {}
    template <typename U>
    CountingAllocator(const CountingAllocator<U>& other) : count(other.count)
    {}
    T* allocate(std::size_t size)
    {
        ++*count;
        return std::allocator<T>().allocate(size);
    }
    void deallocate(T* memory, std::size_t size) { std::allocator<T>().deallocate(memory, size); }
    friend bool operator==(const CountingAllocator&, const CountingAllocator&) = default;
    int* count;
};

} // namespace

TEST_CASE("a callback gets its connection, never before the call returns")
{
    Fixture test(1);
    test.take().give_back();
    bool called = false;
    test.pool->async_get_connection([&](error_code error, Pool::Loan loan) {
        called = true;
        CHECK_FALSE(error);
        CHECK(loan->open);
    });
    CHECK_FALSE(called);
    test.settle();
    CHECK(called);
    CHECK(test.pool->stats().idle == 1);
}

TEST_CASE("a handler's executor and allocator are used")
{
    Fixture test(1);
    asio::io_context other;
    int allocations = 0;
    std::optional<bool> on_other;
    test.pool->async_get_connection(asio::bind_executor(
        other, asio::bind_allocator(CountingAllocator<void>(allocations), [&](error_code, const Pool::Loan&) {
            on_other = other.get_executor().running_in_this_thread();
        })));
    test.settle();
    CHECK_FALSE(on_other.has_value());
    other.run();
    CHECK(on_other == true);
    CHECK(allocations > 0);
}

TEST_CASE("each kind of cancellation ends the wait of a handler, and the queue goes on")
{
    const auto kind =
        GENERATE(asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total);
    Fixture test(1);
    auto loan = test.take();
    asio::cancellation_signal signal;
    error_code first;
    bool second = false;
    test.pool->async_get_connection(
        asio::bind_cancellation_slot(signal.slot(), [&](error_code error, const Pool::Loan&) { first = error; }));
    test.pool->async_get_connection([&](error_code error, const Pool::Loan&) { second = !error; });
    test.settle();
    signal.emit(kind);
    test.settle();
    CHECK(first == make_error_code(Errc::acquire_cancelled));
    CHECK(test.pool->stats().canceled_acquire_count == 1);
    loan.give_back();
    test.settle();
    CHECK(second);
    signal.emit(kind); // nobody is there any more
}

TEST_CASE("a handler learns why there is no connection")
{
    Fixture test(1);
    const auto loan = test.take();
    AcquireFailure why;
    error_code said;
    test.pool->async_get_connection(std::chrono::steady_clock::now() - 1s, why,
                                    [&](error_code error, const Pool::Loan&) { said = error; });
    test.settle();
    CHECK(said == make_error_code(Errc::acquire_timeout));
    CHECK(why.code == said);
    CHECK(why.counts.acquired == 1);
}

TEST_CASE("handlers that nobody will call any more give back what they were given")
{
    Server server;
    {
        asio::io_context io;
        Pool pool(io.get_executor(), CountingAdapter{&server}, pool_of(1), Random(1));
        pool.async_run([](error_code) {});
        io.poll();
        pool.async_get_connection([](error_code, const Pool::Loan&) { FAIL("called by a loop that has ended"); });
        while (pool.stats().acquired == 0) {
            REQUIRE(io.poll_one() == 1);
        }
    }
    CHECK(server.open == 0);
}

TEST_CASE("draining by a token waits for loans, and run() ends")
{
    Fixture test(1);
    auto loan = test.take();
    std::optional<bool> gentle;
    test.pool->async_drain(1h, [&](error_code error, bool gently) {
        CHECK_FALSE(error);
        gentle = gently;
    });
    test.settle();
    CHECK_FALSE(gentle.has_value());
    loan.give_back();
    test.settle();
    CHECK(gentle == true);
    CHECK(test.run_ended);
}

TEST_CASE("what a loan needs before it is lent again is done, unless its user left nothing behind")
{
    Server server;
    asio::io_context io;
    auto params = pool_of(1);
    params.reset_on_return = ResetOnReturn::discard_all;
    Pool pool(io.get_executor(), CountingAdapter{&server}, params, Random(1));
    pool.async_run([](error_code) {});
    const auto once = [&](bool without_reset) {
        pool.async_get_connection(
            [&](error_code, Pool::Loan loan) { without_reset ? loan.return_without_reset() : loan.give_back(); });
        io.restart();
        io.poll();
    };
    once(true);
    CHECK(server.resets == 0);
    once(false);
    CHECK(server.resets == 1);
    pool.cancel();
    io.restart();
    io.run();
}

TEST_CASE("a pool for many threads lends each connection to one of them at a time")
{
    Server server;
    asio::io_context io;
    auto params = pool_of(3);
    params.thread_safe = true;
    params.max_usage = 50;
    auto pool = std::make_unique<Pool>(io.get_executor(), CountingAdapter{&server}, params, Random(1));
    pool->async_run([](error_code) {});
    constexpr int callers = 16;
    constexpr int rounds = 150;
    std::atomic<int> served = 0;
    std::atomic<int> gone = 0;
    const auto call = [](Pool* shared, std::atomic<int>* counted) -> Task<void> {
        for (int round = 0; round < rounds; ++round) {
            auto asking = shared->acquire();
            auto got = co_await std::move(asking);
            if (!got) {
                continue;
            }
            auto& connection = **got;
            ++connection.users;
            co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
            --connection.users;
            connection.condition = round % 5 == 0 ? ReturnedAs::dirty : ReturnedAs::clean;
            ++*counted;
        }
    };
    std::vector<std::unique_ptr<asio::cancellation_signal>> signals;
    for (int caller = 0; caller < callers; ++caller) {
        asio::co_spawn(asio::make_strand(io), call(pool.get(), &served), [&](std::exception_ptr) {
            if (++gone == callers) {
                pool->async_drain(10s, [](error_code, bool) {});
            }
        });
    }
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&io] { io.run(); });
    }
    threads.clear();
    CHECK(served == callers * rounds);
    CHECK(server.open == 0);
    CHECK(server.most_open <= 3);
    CHECK(pool->stats().acquire_count == callers * rounds);
    CHECK(pool->stats().total == 0);
}

TEST_CASE("handlers on several threads, some of them cancelled, lose no connection")
{
    Server server;
    asio::io_context io;
    auto params = pool_of(2);
    params.thread_safe = true;
    Pool pool(io.get_executor(), CountingAdapter{&server}, params, Random(1));
    pool.async_run([](error_code) {});
    const auto call = [](Pool* shared, int caller) -> Task<void> {
        for (int round = 0; round < 100; ++round) {
            auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor,
                                                              std::chrono::microseconds(10 * ((caller + round) % 7)));
            const auto signal = std::make_shared<asio::cancellation_signal>();
            timer->async_wait([signal](error_code) { signal->emit(asio::cancellation_type::total); });
            auto asking = shared->async_get_connection(asio::bind_cancellation_slot(signal->slot(), use_result));
            auto [error, loan] = co_await std::move(asking);
            timer->cancel();
            co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
        }
    };
    std::atomic<int> gone = 0;
    constexpr int callers = 8;
    for (int caller = 0; caller < callers; ++caller) {
        asio::co_spawn(asio::make_strand(io), call(&pool, caller), [&](std::exception_ptr) {
            if (++gone == callers) {
                pool.async_drain(10s, [](error_code, bool gentle) { CHECK(gentle); });
            }
        });
    }
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&io] { io.run(); });
    }
    threads.clear();
    CHECK(server.open == 0);
    CHECK(pool.stats().acquired == 0);
}

TEST_CASE("who asks for the same server in the same way shares a pool, which drains after the last of them")
{
    Server server;
    asio::io_context io;
    SharedPools<CountingAdapter> pools(io.get_executor(), Random(1), 1h);
    const auto settle = [&io] {
        io.restart();
        io.poll();
    };
    auto first = pools.get(CountingAdapter{&server}, pool_of(1));
    auto second = pools.get(CountingAdapter{&server}, pool_of(1));
    CHECK(first == second);
    CHECK(pools.size() == 1);
    auto other = pools.get(CountingAdapter{&server}, pool_of(2));
    CHECK(other != first);
    settle();
    std::optional<Pool::Loan> loan;
    first->async_get_connection([&](error_code, Pool::Loan got) { loan.emplace(std::move(got)); });
    settle();
    REQUIRE(loan.has_value());

    first.reset();
    CHECK(second->stats().acquired == 1);
    second.reset();
    CHECK(pools.size() == 1);

    SECTION("a new handle, taken while the old pool drains, waits for its place under the same bound")
    {
        auto third = pools.get(CountingAdapter{&server}, pool_of(1));
        error_code served = asio::error::in_progress;
        third->async_get_connection([&](error_code error, const Pool::Loan&) { served = error; });
        settle();
        CHECK(served == asio::error::in_progress);
        CHECK(server.open == 1);
        loan.reset();
        settle();
        CHECK(served == error_code());
        CHECK(server.most_open == 1);
        third.reset();
        settle();
    }
    SECTION("or nobody comes")
    {
        loan.reset();
        settle();
    }
    CHECK(server.open == 0);
    other.reset();
    loan.reset();
    settle();
    CHECK(pools.size() == 0);
    CHECK(io.stopped()); // nothing is left to wait for
}
