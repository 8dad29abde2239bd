#include "refkit/cache/bounded_cache.hpp"

#include "catch.hpp"
#include "unit/refkit/limiter/asking.hpp"

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

using Cache = BoundedCache<std::string, std::string>;
using Got = Cache::Got;

/// Where values come from: a load waits until the test lets it go on.
struct Origin {
    explicit Origin(const asio::any_io_executor& executor) : gate(executor, asio::steady_timer::time_point::max()) {}

    asio::steady_timer gate;
    int loads = 0;
    int cancelled = 0;
    bool open = true;
    bool heeds_cancellation = true;
    std::string trouble; // "throw" or an error's message
};

Task<Result<std::string>> load_from(Origin& origin, std::string key, Instant)
{
    const auto number = ++origin.loads;
    if (!origin.heeds_cancellation) {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    }
    if (!origin.open) {
        co_await origin.gate.async_wait(use_result);
        const auto state = co_await asio::this_coro::cancellation_state;
        origin.cancelled += state.cancelled() != asio::cancellation_type::none ? 1 : 0;
    }
    if (origin.trouble == "throw") {
        throw std::runtime_error("boom");
    }
    if (!origin.trouble.empty()) {
        co_return fail("{}", origin.trouble);
    }
    co_return key + std::to_string(number);
}

struct Fixture {
    explicit Fixture(Duration load_timeout = 1h)
    {
        CacheParams params;
        params.load_timeout = load_timeout;
        cache.emplace(
            loop.context.get_executor(), params,
            [this](std::string key, Instant deadline) { return load_from(origin, std::move(key), deadline); },
            Random(1));
    }

    Asking<Got>& ask(const std::string& key, Duration patience = 1h)
    {
        auto& asking = loop.ask(cache->get(key, std::chrono::steady_clock::now() + patience));
        loop.settle();
        return asking;
    }
    void let_loads_go_on()
    {
        origin.gate.cancel();
        loop.settle();
    }

    Loop<Got> loop;
    Origin origin{loop.context.get_executor()};
    std::optional<Cache> cache;
};

bool failed_with(const Asking<Got>& asking, Errc error)
{
    return asking.got && asking.got->has_error() && asking.got->error().code == error;
}

} // namespace

TEST_CASE("a cache loads what it lacks, once for all who ask, and keeps it")
{
    Fixture test;
    test.origin.open = false;
    auto& first = test.ask("a");
    auto& second = test.ask("a");
    auto& other = test.ask("b");
    CHECK(test.origin.loads == 2);
    test.let_loads_go_on();
    CHECK(first.got->value() == "a1");
    CHECK(second.got->value() == "a1");
    CHECK(other.got->value() == "b2");
    CHECK(test.ask("a").got->value() == "a1");
    CHECK(test.origin.loads == 2);
    CHECK(test.cache->stats().hits == 1);
}

TEST_CASE("callers come and go, the load goes on")
{
    Fixture test;
    test.origin.open = false;
    auto& first = test.ask("a");
    auto& second = test.ask("a");
    first.cancellation.emit(asio::cancellation_type::terminal);
    test.loop.settle();
    CHECK(failed_with(first, Errc::acquire_cancelled));
    CHECK_FALSE(second.got.has_value());
    second.cancellation.emit(asio::cancellation_type::terminal);
    test.loop.settle();
    test.let_loads_go_on();
    CHECK(test.origin.cancelled == 0);
    CHECK(test.ask("a").got->value() == "a1");
    CHECK(test.origin.loads == 1);
}

TEST_CASE("a caller's own deadline ends its waiting, not the load")
{
    Fixture test;
    test.origin.open = false;
    auto& hasty = test.ask("a", 1ms);
    auto& patient = test.ask("a");
    test.loop.wait_for(hasty);
    CHECK(failed_with(hasty, Errc::acquire_timeout));
    test.let_loads_go_on();
    CHECK(patient.got->value() == "a1");
}

TEST_CASE("a load that fails or throws fails its callers with the reason, and the next caller loads anew")
{
    Fixture test;
    test.origin.trouble = "no such row";
    auto& failed = test.ask("a");
    CHECK(failed_with(failed, Errc::load_failed));
    CHECK(failed.got->error().message == "no such row");
    test.origin.trouble = "throw";
    auto& thrown = test.ask("a");
    CHECK(failed_with(thrown, Errc::load_failed));
    CHECK(thrown.got->error().message == "the loader threw an exception");
    test.origin.trouble.clear();
    CHECK(test.ask("a").got->value() == "a3");
    CHECK(test.cache->stats().failed_loads == 2);
}

TEST_CASE("a load that never ends is cancelled at its time and fails its callers")
{
    Fixture test(1ms);
    test.origin.open = false;
    test.origin.heeds_cancellation = true;
    SECTION("that heeds it")
    {
        auto& asking = test.ask("a");
        test.loop.wait_for(asking);
        CHECK(failed_with(asking, Errc::load_timeout));
        test.loop.settle();
        CHECK(test.origin.cancelled == 1);
    }
    SECTION("that does not: its late value is nobody's")
    {
        test.origin.heeds_cancellation = false;
        auto& asking = test.ask("a");
        test.loop.wait_for(asking);
        CHECK(failed_with(asking, Errc::load_timeout));
        CHECK(test.cache->stats().loading == 0);
        test.let_loads_go_on();
        CHECK(test.cache->stats().entries == 0);
    }
    test.origin.open = true;
    CHECK(test.ask("a").got->value() == "a2");
}

TEST_CASE("what was invalidated during its load answers those who waited and nobody after")
{
    Fixture test;
    test.origin.open = false;
    auto& before = test.ask("a");
    test.cache->invalidate("a");
    auto& after = test.ask("a");
    CHECK(test.origin.loads == 2);
    test.let_loads_go_on();
    CHECK(before.got->value() == "a1");
    CHECK(after.got->value() == "a2");
    CHECK(test.ask("a").got->value() == "a2");
}

TEST_CASE("a cache that goes cancels its loads and fails who waits")
{
    Fixture test;
    test.origin.open = false;
    auto& waiting = test.ask("a");
    test.cache.reset();
    test.loop.settle();
    CHECK(failed_with(waiting, Errc::acquire_cancelled));
    CHECK(test.origin.cancelled == 1);
}

TEST_CASE("an event loop destroyed under a cache that loads leaves nothing behind")
{
    Fixture test;
    test.origin.open = false;
    (void)test.ask("a");
    (void)test.ask("a");
    (void)test.ask("b");
}

} // namespace squall::refkit
