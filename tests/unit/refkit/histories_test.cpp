// What threads saw of the lock-free parts, against models for one thread.
#include "catch.hpp"
#include "refkit/breaker/outcome_window.hpp"
#include "refkit/limiter/gcra.hpp"
#include "unit/refkit/linearizable.hpp"

#include <barrier>
#include <memory>
#include <optional>

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

constexpr int rounds = 150;

/// A call at `at` of a rate, and how long it was told to wait; 0: admitted.
struct RateCall {
    std::int64_t at;
    std::int64_t wait;
};

/// ITU-T I.371, virtual scheduling.
struct RateModel {
    std::int64_t spacing;
    std::int64_t tolerance;
    std::int64_t arrival;

    [[nodiscard]] std::int64_t state() const { return arrival; }
    bool allows(const RateCall& call)
    {
        const auto expected = std::max(arrival, call.at);
        const auto wait = std::max<std::int64_t>(0, expected - tolerance - call.at);
        arrival = wait == 0 ? expected + spacing : arrival;
        return wait == call.wait;
    }
};

/// An outcome, and the run of failures that record() told.
struct RunCall {
    bool failed;
    std::optional<std::uint64_t> told;
};

struct RunModel {
    std::int64_t run = 0;

    [[nodiscard]] std::int64_t state() const { return run; }
    bool allows(const RunCall& call)
    {
        run = call.failed ? run + 1 : 0;
        return call.told == static_cast<std::uint64_t>(run);
    }
};

/// Every count told lies between the calls that had been recorded before and those that had begun by then.
template <typename Window>
int counts_out_of_bounds(Window& window, int calls)
{
    std::atomic<std::uint64_t> begun{0};
    std::atomic<std::uint64_t> ended{0};
    std::atomic<int> wrong{0};
    std::barrier start(4);
    std::vector<std::jthread> crew;
    for (int thread = 0; thread < 4; ++thread) {
        crew.emplace_back([&] {
            start.arrive_and_wait();
            for (int call = 0; call < calls; ++call) {
                const std::uint64_t before = ended;
                ++begun;
                const auto told = window.record(1, Instant(1h), {.failed = true, .slow = call % 2 == 0});
                const std::uint64_t by_now = begun;
                wrong +=
                    !told || told->calls <= before || told->calls > by_now || told->failures != told->calls ? 1 : 0;
                ++ended;
            }
        });
    }
    crew.clear();
    return wrong;
}

} // namespace

TEST_CASE("what threads are told by a rate, one after the other would have been told in some order")
{
    std::vector<std::unique_ptr<Gcra>> rates(50);
    const auto renew = [&](std::size_t i) {
        const std::uint64_t burst = 1 + i % 3;
        rates[i] = std::make_unique<Gcra>(GcraParams{1'000'000, 1s, burst});
        return RateModel{1000, 1000 * static_cast<std::int64_t>(burst - 1), 0};
    };
    const auto act = [&](std::size_t i, Random& random) {
        const auto at = random.between(1, 5000);
        const auto admitted = rates[i]->try_acquire(Instant(Duration(at)));
        return RateCall{at, admitted ? 0 : admitted.error().retry_after->count()};
    };
    CHECK(unexplained_histories<RateCall>(rounds, 3, 4, renew, act) == 0);
}

TEST_CASE("what threads are told by a run of failures, one after the other would have been told in some order")
{
    std::vector<FailureRun> runs(50);
    const auto renew = [&](std::size_t i) {
        runs[i].reset(1);
        return RunModel();
    };
    const auto act = [&](std::size_t i, Random& random) {
        const bool failed = random.uniform() < 0.7;
        const auto told = runs[i].record(1, Instant(), {failed, false});
        return RunCall{failed, told ? std::optional(told->failures) : std::nullopt};
    };
    CHECK(unexplained_histories<RunCall>(rounds, 3, 4, renew, act) == 0);
}

TEST_CASE("a history that no order explains is found")
{
    const std::vector<Recorded<RunCall>> lost_update = {{{true, 1}, 1, 4}, {{true, 1}, 2, 3}};
    CHECK_FALSE(Linearizer<RunModel, RunCall>(lost_update).finds_an_order(RunModel()));
    const std::vector<Recorded<RunCall>> overlapping = {{{true, 2}, 1, 4}, {{true, 1}, 2, 3}};
    CHECK(Linearizer<RunModel, RunCall>(overlapping).finds_an_order(RunModel()));
    const std::vector<Recorded<RunCall>> too_late = {{{true, 2}, 1, 2}, {{true, 1}, 3, 4}};
    CHECK_FALSE(Linearizer<RunModel, RunCall>(too_late).finds_an_order(RunModel()));
}

TEST_CASE("a window tells of all calls that were recorded, and of none that had not begun")
{
    SECTION("of the last calls")
    {
        CallRing ring(10'000);
        ring.reset(1);
        CHECK(counts_out_of_bounds(ring, 2'500) == 0);
    }
    SECTION("of the last seconds")
    {
        SecondBuckets buckets(10s);
        buckets.reset(1);
        CHECK(counts_out_of_bounds(buckets, 65'000) <= 4); // while the first second begins nobody decides
    }
}

} // namespace squall::refkit
