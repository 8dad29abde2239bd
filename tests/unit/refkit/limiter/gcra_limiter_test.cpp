#include "refkit/limiter/gcra_limiter.hpp"

#include "unit/refkit/allocations.hpp"
#include "unit/refkit/limiter/asking.hpp"

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

using Got = Admission<void>;

struct Fixture {
    explicit Fixture(GcraParams rate) { limiter.emplace(loop.context.get_executor(), RateParams{rate, 10, 30s}); }

    Asking<Got>& ask(Duration patience = 1h)
    {
        auto& asking = loop.ask(limiter->acquire(std::chrono::steady_clock::now() + patience));
        loop.settle();
        return asking;
    }

    Loop<Got> loop;
    std::optional<GcraLimiter> limiter;
};

Task<void> wait_with(std::shared_ptr<GcraLimiter> limiter)
{
    auto asked = limiter->acquire();
    (void)co_await std::move(asked);
}

bool failed_with(const Asking<Got>& asking, Errc error)
{
    return asking.got && asking.got->has_error() && asking.got->error().error == error;
}

} // namespace

TEST_CASE("a caller of a rate waits for its turn, which the timer brings")
{
    Fixture test({1000, 1s, 1});
    CHECK(test.ask().got->has_value());
    auto& first = test.ask();
    auto& second = test.ask();
    const auto begun = std::chrono::steady_clock::now();
    test.loop.wait_for(second);
    CHECK(first.got->has_value());
    CHECK(second.got->has_value());
    CHECK(std::chrono::steady_clock::now() - begun >= 1ms);
    CHECK(test.limiter->stats().waiters == 0);
}

TEST_CASE("a caller of a rate that is cancelled gives its turn to the next")
{
    Fixture test({1, 1h, 1});
    (void)test.ask();
    auto& gone = test.ask();
    CHECK(test.limiter->stats().waiters == 1);
    gone.cancellation.emit(asio::cancellation_type::terminal);
    test.loop.settle();
    CHECK(failed_with(gone, Errc::acquire_cancelled));
    CHECK(test.limiter->stats().waiters == 0);
    CHECK(test.limiter->stats().cancelled == 1);
}

TEST_CASE("a caller of a rate whose turn comes too late is told so at once")
{
    Fixture test({1, 1h, 1});
    (void)test.ask();
    CHECK(failed_with(test.ask(59min), Errc::rate_limited));
    auto& by_default = test.loop.ask(test.limiter->acquire());
    test.loop.settle();
    CHECK(failed_with(by_default, Errc::rate_limited)); // 30 s
}

TEST_CASE("a rate that goes fails those who wait, and an event loop that goes takes them along")
{
    {
        Fixture test({1, 1h, 1});
        (void)test.ask();
        auto& waiting = test.ask(2h);
        test.limiter.reset();
        test.loop.settle();
        CHECK(failed_with(waiting, Errc::acquire_cancelled));
    }
    Fixture test({1, 1h, 1});
    (void)test.ask();
    (void)test.ask(2h);
}

TEST_CASE("an event loop that goes takes those along who wait and are the last to hold their rate")
{
    std::weak_ptr<GcraLimiter> watched;
    {
        asio::io_context context;
        const auto limiter = std::make_shared<GcraLimiter>(context.get_executor(), RateParams{{1, 1s, 1}, 10, 30s});
        watched = limiter;
        for (int caller = 0; caller < 3; ++caller) {
            asio::co_spawn(context, wait_with(limiter), asio::detached);
        }
        context.poll();
        CHECK(limiter->stats().waiters == 2);
    }
    CHECK(watched.expired());
}

TEST_CASE("a rate's check at once allocates nothing")
{
    Fixture test({1, 1h, 100});
    const auto before = allocations_of_this_thread();
    int admitted = 0;
    for (int i = 0; i < 1000; ++i) {
        admitted += test.limiter->try_acquire() ? 1 : 0;
    }
    CHECK(allocations_of_this_thread() == before);
    CHECK(admitted == 100);
}

} // namespace squall::refkit
