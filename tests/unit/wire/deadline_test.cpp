#include "wire/deadline.hpp"

#include "catch.hpp"
#include "run_task.hpp"
#include "wire/resolve.hpp"

#include <optional>

using namespace squall;
using namespace squall::wire;
using namespace std::chrono_literals;

TEST_CASE("a deadline that passes runs its action once")
{
    asio::io_context io;
    int expired = 0;
    const DeadlineGuard guard(io.get_executor(), testing::in(1ms), [&expired] { ++expired; });
    CHECK_FALSE(guard.expired());
    io.run();
    CHECK(expired == 1);
    CHECK(guard.expired());
}

TEST_CASE("a guard that goes before its deadline never acts")
{
    asio::io_context io;
    int expired = 0;
    SECTION("while the timer still waits")
    {
        {
            const DeadlineGuard guard(io.get_executor(), testing::in(1h), [&expired] { ++expired; });
        }
        io.run(); // ends at once, as nothing waits for the hour
        CHECK(expired == 0);
    }
    SECTION("also when the timer has passed and its handler is queued behind the one that drops the guard")
    {
        std::optional<DeadlineGuard> guard;
        asio::steady_timer first(io, testing::in(-2s));
        first.async_wait([&guard](error_code) { guard.reset(); });
        guard.emplace(io.get_executor(), testing::in(-1s), [&expired] { ++expired; });
        io.run(); // both have expired: the reactor queues both before the first runs
        CHECK(expired == 0);
    }
}

TEST_CASE("sleeping")
{
    asio::io_context io;
    SECTION("lasts until its instant")
    {
        const Instant until = testing::in(5ms);
        CHECK(testing::run_task(io, sleep_until(until)));
        CHECK(std::chrono::steady_clock::now() >= until);
    }
    SECTION("ends early when the coroutine is cancelled")
    {
        asio::cancellation_signal cancel;
        bool slept = true;
        asio::co_spawn(
            io, sleep_until(testing::in(1h)),
            asio::bind_cancellation_slot(cancel.slot(), [&slept](std::exception_ptr, bool whole) { slept = whole; }));
        asio::post(io, [&cancel] { cancel.emit(asio::cancellation_type::terminal); });
        io.run();
        CHECK_FALSE(slept);
    }
}

TEST_CASE("looking up a host")
{
    asio::io_context io;
    SECTION("takes literals as they are")
    {
        const auto endpoints = testing::run_task(io, resolve("::1", 80, testing::in(10s)));
        REQUIRE(endpoints.has_value());
        CHECK(endpoints->front() == asio::ip::tcp::endpoint(asio::ip::address_v6::loopback(), 80));
    }
    SECTION("knows localhost")
    {
        const auto endpoints = testing::run_task(io, resolve("localhost", 80, testing::in(10s)));
        REQUIRE(endpoints.has_value());
        CHECK(endpoints->front().address().is_loopback());
    }
    SECTION("gives up when the deadline passes, whatever the system does")
    {
        const auto endpoints = testing::run_task(io, resolve("no-such-host.invalid", 80, testing::in(-1s)));
        REQUIRE(endpoints.has_error());
        CHECK(endpoints.error() == asio::error::timed_out);
    }
}
