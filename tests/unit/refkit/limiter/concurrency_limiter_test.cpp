#include "refkit/limiter/concurrency_limiter.hpp"

#include "unit/refkit/allocations.hpp"
#include "unit/refkit/limiter/asking.hpp"
#include "unit/refkit/seeds.hpp"

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

using Got = Admission<LimiterPermit>;

struct Fixture {
    explicit Fixture(LimitParams limit = FixedLimit::Params{1}, QueueParams queue = {100, 1h, std::nullopt})
    {
        limiter.emplace(loop.context.get_executor(), limit, queue, clock);
    }

    Asking<Got>& ask(Duration patience = 1h)
    {
        auto& asking = loop.ask(limiter->acquire(clock->now() + patience));
        loop.settle();
        return asking;
    }

    std::shared_ptr<ManualClock> clock = [] {
        auto made = std::make_shared<ManualClock>();
        // The timers are real: near their time, so that none of them is due.
        made->advance(std::chrono::steady_clock::now().time_since_epoch());
        return made;
    }();
    Loop<Got> loop;
    std::optional<ConcurrencyLimiter> limiter;
};

bool failed_with(const Asking<Got>& asking, Errc error)
{
    return asking.got && asking.got->has_error() && asking.got->error().error == error;
}

} // namespace

TEST_CASE("a permit's place goes to the next whatever becomes of the permit")
{
    Fixture test;
    auto& first = test.ask();
    REQUIRE(first.got->has_value());
    auto& second = test.ask();
    CHECK_FALSE(second.got.has_value());
    SECTION("success")
    {
        first.got->value().on_success();
    }
    SECTION("drop")
    {
        first.got->value().on_dropped();
    }
    SECTION("ignored")
    {
        first.got->value().on_ignore();
    }
    SECTION("destroyed")
    {
        first.got.reset();
    }
    SECTION("said twice")
    {
        first.got->value().on_success();
        first.got->value().on_dropped();
        first.got.reset();
    }
    test.loop.settle();
    REQUIRE(second.got.has_value());
    CHECK(second.got->has_value());
    CHECK(test.limiter->stats().in_flight == 1);
}

TEST_CASE("a caller of a limiter that is cancelled loses nobody's place")
{
    Fixture test;
    auto& first = test.ask();
    auto& second = test.ask();
    SECTION("while it waits")
    {
        second.cancellation.emit(asio::cancellation_type::terminal);
        test.loop.settle();
        CHECK(failed_with(second, Errc::acquire_cancelled));
        first.got.reset();
    }
    SECTION("between its answer and its resumption")
    {
        first.got.reset();
        second.cancellation.emit(asio::cancellation_type::terminal);
        test.loop.settle();
        second.got.reset();
    }
    CHECK(test.limiter->stats().in_flight == 0);
    CHECK(test.ask().got->has_value());
}

TEST_CASE("a caller of a limiter waits until its deadline and no longer")
{
    Fixture test;
    const auto first = test.limiter->try_acquire();
    auto& hasty = test.ask(1ms);
    test.clock->advance(1ms); // the timer's own clock gets there by itself
    test.loop.wait_for(hasty);
    CHECK(failed_with(hasty, Errc::acquire_timeout));
}

TEST_CASE("permits may outlive their limiter; those who wait fail with it")
{
    Fixture test;
    auto permit = test.limiter->try_acquire();
    auto& waiting = test.ask();
    test.limiter.reset();
    test.loop.settle();
    CHECK(failed_with(waiting, Errc::acquire_cancelled));
    permit.value().on_success();
}

TEST_CASE("an event loop destroyed under a limiter in full use leaves nothing behind")
{
    Fixture test;
    (void)test.ask();
    (void)test.ask();
    (void)test.ask();
}

TEST_CASE("AIMD's limit moves with what permits say, and lets more in when it rises")
{
    AimdParams params;
    params.initial = 2;
    params.window = {1s, 2};
    Fixture test(params);
    auto first = test.limiter->try_acquire();
    auto second = test.limiter->try_acquire();
    auto& third = test.ask();
    test.clock->advance(10ms);
    first.value().on_success(); // its place goes to the third
    test.loop.settle();
    CHECK(third.got->has_value());
    auto& fourth = test.ask();
    CHECK_FALSE(fourth.got.has_value());
    test.clock->advance(1s);
    second.value().on_success();
    test.loop.settle();
    CHECK(test.limiter->stats().limit == 3);
    CHECK(fourth.got->has_value());
    CHECK(test.limiter->try_acquire().has_value());

    third.got->value().on_dropped();
    test.clock->advance(1s);
    fourth.got->value().on_success();
    CHECK(test.limiter->stats().limit == 2);
}

TEST_CASE("an ignored or destroyed permit says nothing about the limit")
{
    AimdParams params;
    params.initial = 10;
    params.window = {1ms, 1};
    Fixture test(params);
    for (int i = 0; i < 100; ++i) {
        auto permit = test.limiter->try_acquire();
        test.clock->advance(10s); // far longer than AIMD's timeout
        if (i % 2 == 0) {
            permit.value().on_ignore();
        }
    }
    CHECK(test.limiter->stats().limit == 10);
}

TEST_CASE("a limiter's check at once allocates nothing, neither for permits nor for rejections")
{
    Fixture test(GradientParams{});
    const auto before = allocations_of_this_thread();
    for (int i = 0; i < 1000; ++i) {
        auto permit = test.limiter->try_acquire();
        test.clock->advance(10ms);
        permit.value().on_success();
    }
    CHECK(allocations_of_this_thread() == before);
    Fixture full;
    const auto held = std::move(full.limiter->try_acquire().value());
    const auto before_rejections = allocations_of_this_thread();
    for (int i = 0; i < 1000; ++i) {
        CHECK_FALSE(full.limiter->try_acquire().has_value());
    }
    CHECK(allocations_of_this_thread() == before_rejections);
}

namespace {

Task<void> hand_on(ConcurrencyLimiter* limiter, int rounds)
{
    for (int round = 0; round < rounds; ++round) {
        auto asked = limiter->acquire(Instant::max());
        auto held = co_await std::move(asked);
        co_await asio::post(asio::use_awaitable); // meanwhile the other one queues up
    }
}

} // namespace

TEST_CASE("the queue of a limiter allocates nothing once it has its size, but for Asio's own frames")
{
    const auto allocations = [](int rounds) {
        Fixture test;
        for (int caller = 0; caller < 2; ++caller) {
            asio::co_spawn(test.loop.context, hand_on(&*test.limiter, rounds), asio::detached);
        }
        const auto before = allocations_of_this_thread();
        test.loop.settle();
        CHECK(test.limiter->stats().waited >= static_cast<std::uint64_t>(rounds));
        return allocations_of_this_thread() - before;
    };
    (void)allocations(100);
    CHECK(allocations(10'000) == allocations(100));
}

// Netflix/concurrency-limits#134: calls that ended and were still counted, until nothing was admitted any more.
TEST_CASE("no count of running calls sticks, whatever becomes of the permits and the limit")
{
    for_seeds(10'000, [](std::uint64_t seed) {
        Random random(seed);
        AimdParams aimd;
        aimd.initial = 3;
        aimd.max = 6;
        aimd.window = {1ms, 1};
        GradientParams gradient;
        gradient.initial = 3;
        gradient.min = 1;
        gradient.max = 6;
        gradient.window = {1ms, 1};
        Fixture test(random.uniform() < 0.5 ? LimitParams(aimd) : LimitParams(gradient));
        std::vector<Asking<Got>*> asked;
        std::vector<LimiterPermit> held;
        for (int step = 0; step < 25; ++step) {
            const auto choice = random.between(0, 9);
            if (choice < 3) {
                asked.push_back(&test.loop.ask(test.limiter->acquire(Instant::max())));
            } else if (choice < 4) {
                if (auto permit = test.limiter->try_acquire()) {
                    held.push_back(std::move(permit.value()));
                }
            } else if (choice < 5 && !asked.empty()) {
                auto* asking = asked[static_cast<std::size_t>(random()) % asked.size()];
                asking->cancellation.emit(asio::cancellation_type::terminal);
            } else if (choice < 8 && !held.empty()) {
                const auto chosen = held.begin() + random.between(0, static_cast<std::int64_t>(held.size()) - 1);
                if (const auto chance = random.uniform(); chance < 0.3) {
                    chosen->on_success();
                } else if (chance < 0.6) {
                    chosen->on_dropped();
                } else if (chance < 0.8) {
                    chosen->on_ignore();
                }
                held.erase(chosen); // moves the others
            } else {
                test.clock->advance(std::chrono::milliseconds(random.between(0, 30)));
                test.loop.settle();
            }
            for (auto* asking : asked) {
                if (asking->got && asking->got->has_value() && asking->got->value().valid()) {
                    held.push_back(std::move(asking->got->value()));
                }
            }
        }
        do {
            held.clear();
            test.loop.settle();
            for (auto* asking : asked) {
                if (asking->got) {
                    asking->got.reset();
                }
            }
        } while (test.limiter->stats().in_flight > 0);
        const auto stats = test.limiter->stats();
        SCHEDULE_REQUIRE(stats.waiters == 0);
        for (std::size_t place = 0; place < stats.limit; ++place) {
            auto permit = test.limiter->try_acquire();
            SCHEDULE_REQUIRE(permit.has_value());
            held.push_back(std::move(permit.value()));
        }
        SCHEDULE_REQUIRE(test.limiter->try_acquire().has_error());
    });
}

} // namespace squall::refkit
