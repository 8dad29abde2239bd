// The Asio shell over a server that exists only here. Tests run handlers until none is ready; nothing sleeps.
#include "catch.hpp"
#include "refkit/pool/connection_pool.hpp"
#include "refkit/pool/pool_tiers.hpp"

#include <exception>
#include <optional>

using namespace squall;
using namespace squall::refkit;
using namespace std::chrono_literals;

namespace {

struct MockServer {
    int open = 0;
    int dials = 0;
    int resets = 0;
    bool silent = false;                                    // dials never end by themselves
    std::shared_ptr<int> objects = std::make_shared<int>(); // each connection holds a share
};

struct MockConnection {
    std::shared_ptr<int> object;
    bool open = false;
    ReturnedAs condition = ReturnedAs::clean;
};

struct MockAdapter {
    using Connection = MockConnection;
    MockServer* server;

    [[nodiscard]] Connection make(const asio::any_io_executor&) const { return {.object = server->objects}; }
    Task<Result<void>> dial(Connection& connection, Instant) const
    {
        ++server->dials;
        if (server->silent) {
            asio::steady_timer never(co_await asio::this_coro::executor, Instant::max());
            co_await never.async_wait(use_result);
            co_return fail("the dial was cancelled");
        }
        connection.open = true;
        ++server->open;
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
};

using Pool = ConnectionPool<MockAdapter>;
using Acquired = std::optional<Pool::Acquired>;

/// A pool that runs, and callers whose results the test sees.
struct Fixture {
    explicit Fixture(std::size_t max)
    {
        PoolParams params;
        params.max = max;
        pool = std::make_unique<Pool>(context.get_executor(), MockAdapter{&server}, params, Random(1));
        asio::co_spawn(context, pool->run(), [this](std::exception_ptr) { run_ended = true; });
        settle();
    }
    ~Fixture()
    {
        pool.reset();
        settle();
    }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    void settle()
    {
        context.restart();
        context.poll();
    }
    void ask(Acquired& into, Duration patience = 1h)
    {
        asio::co_spawn(
            context, pool->acquire(std::chrono::steady_clock::now() + patience),
            asio::bind_cancellation_slot(cancellation.slot(), [&into](std::exception_ptr, Pool::Acquired got) {
                into.emplace(std::move(got));
            }));
    }
    Pool::Loan take()
    {
        Acquired got;
        ask(got);
        settle();
        REQUIRE(got.has_value());
        REQUIRE(got->has_value());
        return std::move(**got);
    }

    MockServer server;
    asio::io_context context;
    asio::cancellation_signal cancellation; // of the caller asked for last
    std::unique_ptr<Pool> pool;
    bool run_ended = false;
};

} // namespace

TEST_CASE("a loan goes back to the pool when it goes out of scope")
{
    Fixture test(2);
    {
        const auto loan = test.take();
        CHECK(loan.valid());
        CHECK(loan->open);
        CHECK(test.pool->stats().acquired == 1);
    }
    CHECK(test.pool->stats().acquired == 0);
    CHECK(test.pool->stats().idle == 1);
    CHECK(test.server.dials == 1);
}

TEST_CASE("a loan moves, is given back once, discarded, or kept")
{
    Fixture test(2);
    auto loan = test.take();
    auto other = std::move(loan);
    CHECK_FALSE(loan.valid());
    SECTION("given back")
    {
        other.give_back();
        other.give_back();
        CHECK(test.pool->stats().idle == 1);
    }
    SECTION("discarded")
    {
        other.discard();
        test.settle();
        CHECK(test.pool->stats().total == 0);
        CHECK(test.server.open == 0);
    }
    SECTION("kept")
    {
        const auto connection = other.detach();
        CHECK(connection.open);
        CHECK(test.pool->stats().total == 0);
        CHECK(test.server.open == 1);
    }
    CHECK_FALSE(other.valid());
}

TEST_CASE("a loan that comes back in a transaction is reset before anybody gets it")
{
    Fixture test(1);
    auto loan = test.take();
    loan->condition = ReturnedAs::dirty;
    loan.give_back();
    test.settle();
    CHECK(test.server.resets == 1);
    CHECK(test.take()->condition == ReturnedAs::clean);
}

TEST_CASE("a caller that is cancelled while it waits loses nothing")
{
    Fixture test(1);
    auto loan = test.take();
    Acquired waiting;
    test.ask(waiting);
    test.settle();

    SECTION("before it was served")
    {
        test.cancellation.emit(asio::cancellation_type::total | asio::cancellation_type::terminal);
        test.settle();
        REQUIRE(waiting.has_value());
        CHECK(waiting->error().code == Errc::acquire_cancelled);
        loan.give_back();
    }
    SECTION("between being served and being resumed")
    {
        loan.give_back();
        test.cancellation.emit(asio::cancellation_type::terminal);
        test.settle();
        REQUIRE(waiting.has_value());
        waiting.reset(); // with the connection, if it had one
    }
    CHECK(test.pool->stats().idle == 1);
    CHECK(test.pool->stats().acquired == 0);
    CHECK(test.take().valid());
}

TEST_CASE("a caller's deadline passes while a server is silent, and the dial goes on")
{
    Fixture test(1);
    test.server.silent = true;
    Acquired hasty;
    test.ask(hasty, 1ms);
    test.context.restart();
    while (!hasty) {
        REQUIRE(test.context.run_one_for(10s) == 1);
    }
    CHECK(hasty->error().code == Errc::acquire_timeout);
    CHECK(hasty->error().counts.constructing == 1);
    CHECK(test.pool->stats().constructing == 1);
}

TEST_CASE("destroying the pool fails who waits and closes loans when they come back")
{
    Fixture test(1);
    auto loan = test.take();
    Acquired waiting;
    test.ask(waiting);
    test.settle();
    test.pool.reset();
    test.settle();
    REQUIRE(waiting.has_value());
    CHECK(waiting->error().code == Errc::pool_cancelled);
    CHECK_FALSE(test.run_ended);

    loan.give_back();
    test.settle();
    CHECK(test.server.open == 0);
    CHECK(test.run_ended);
}

TEST_CASE("cancelling a pool that dials a silent server ends at once")
{
    Fixture test(3);
    test.server.silent = true;
    Acquired waiting;
    test.ask(waiting);
    test.settle();
    CHECK(test.pool->stats().constructing == 1);
    test.pool->cancel();
    test.settle();
    CHECK(waiting->error().code == Errc::pool_cancelled);
    CHECK(test.run_ended);
}

TEST_CASE("draining ends with the last loan, or closes it when the time is up")
{
    Fixture test(2);
    auto loan = test.take();
    std::optional<bool> gentle;
    const auto drained = [&gentle](std::exception_ptr, bool result) { gentle = result; };
    SECTION("the loan comes back in time")
    {
        asio::co_spawn(test.context, test.pool->drain(1h), drained);
        test.settle();
        CHECK_FALSE(gentle.has_value());
        loan.give_back();
        test.settle();
        CHECK(gentle == true);
    }
    SECTION("the loan does not")
    {
        asio::co_spawn(test.context, test.pool->drain(1ms), drained);
        test.context.restart();
        while (!gentle) {
            REQUIRE(test.context.run_one_for(10s) == 1);
        }
        test.settle();
        CHECK(gentle == false);
        CHECK_FALSE(loan->open);
    }
    CHECK(test.run_ended);
    CHECK(test.server.open == 0);
}

TEST_CASE("a loan closed under its user's hands is there until it comes back, though the pool is gone")
{
    Fixture test(2);
    auto loan = test.take();
    const auto kept_by_pool = std::make_shared<int>();
    test.pool->on_leak([kept_by_pool](const ReportLeak&) {});
    bool drained = false;
    asio::co_spawn(test.context, test.pool->drain(0s), [&drained](std::exception_ptr, bool) { drained = true; });
    test.settle();
    REQUIRE(drained);
    REQUIRE(test.run_ended);
    test.pool.reset();
    test.settle();
    CHECK(loan.valid());
    CHECK_FALSE(loan->open);
    CHECK(test.server.objects.use_count() == 2);
    CHECK(kept_by_pool.use_count() == 2);
    SECTION("given back")
    {
        loan.give_back();
    }
    SECTION("kept")
    {
        CHECK_FALSE(loan.detach().open);
    }
    CHECK(test.server.objects.use_count() == 1);
    CHECK(kept_by_pool.use_count() == 1);
}

namespace {

Task<void> hold_for_ever(Pool& pool)
{
    auto loan = co_await pool.acquire();
    asio::steady_timer never(co_await asio::this_coro::executor, Instant::max());
    co_await never.async_wait(use_result);
}

} // namespace

TEST_CASE("loans that go with their event loop, after their pool, leave nothing behind")
{
    MockServer server;
    {
        asio::io_context context;
        PoolParams params;
        params.max = 2;
        Pool pool(context.get_executor(), MockAdapter{&server}, params, Random(1));
        asio::co_spawn(context, pool.run(), [](std::exception_ptr) {});
        for (int caller = 0; caller < 3; ++caller) {
            asio::co_spawn(context, hold_for_ever(pool), [](std::exception_ptr) {});
        }
        context.poll();
        CHECK(pool.stats().acquired == 2);
        CHECK(pool.stats().waiters == 1);
    }
    CHECK(server.open == 0);
    CHECK(server.objects.use_count() == 1);
}

TEST_CASE("an event loop destroyed under a pool in full use leaves nothing behind")
{
    MockServer server;
    {
        asio::io_context context;
        PoolParams params;
        params.max = 1;
        Pool pool(context.get_executor(), MockAdapter{&server}, params, Random(1));
        asio::co_spawn(context, pool.run(), [](std::exception_ptr) {});
        Acquired first;
        Acquired second;
        for (auto* caller : {&first, &second}) {
            asio::co_spawn(context, pool.acquire(std::chrono::steady_clock::now() + 1h),
                           [caller](std::exception_ptr, Pool::Acquired got) { caller->emplace(std::move(got)); });
        }
        context.poll();
        CHECK(first.has_value());
        CHECK_FALSE(second.has_value());
    }
    CHECK(server.open == 0);
}

TEST_CASE("what lies idle in one tier is closed for a caller of another")
{
    Fixture test(1);
    PoolParams params;
    params.max = 2;
    PoolTiers<MockAdapter> tiers(test.context.get_executor(), MockAdapter{&test.server},
                                 {.max = 2, .tiers = {{"read", params}, {"write", params}}}, Random(1));
    for (std::size_t tier = 0; tier < tiers.size(); ++tier) {
        asio::co_spawn(test.context, tiers[tier].run(), [](std::exception_ptr) {});
    }
    const auto ask = [&](std::size_t tier, Acquired& into) {
        asio::co_spawn(test.context, tiers[tier].acquire(std::chrono::steady_clock::now() + 1h),
                       [&into](std::exception_ptr, Pool::Acquired got) { into.emplace(std::move(got)); });
        test.settle();
    };
    Acquired first;
    Acquired second;
    Acquired other;
    ask(0, first);
    ask(0, second);
    ask(1, other);
    CHECK_FALSE(other.has_value());
    first.reset(); // idle in its tier, and wanted in the other
    test.settle();
    REQUIRE(other.has_value());
    CHECK(other->has_value());
    CHECK(tiers.budget().used() == 2);
}
