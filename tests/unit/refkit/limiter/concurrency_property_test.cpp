// Random days in the life of a concurrency limiter: no permit is lost or doubled, whatever happens in whatever order.
#include "refkit/limiter/concurrency_state.hpp"
#include "unit/refkit/limiter/answers.hpp"
#include "unit/refkit/seeds.hpp"

#include <set>

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

class World {
public:
    explicit World(std::uint64_t seed)
        : random_(seed),
          limit_(number(1, 5)),
          queue_{number(0, 6), 1s, random_.uniform() < 0.5 ? std::optional(CodelParams{}) : std::nullopt},
          state_(queue_, limit_)
    {}

    void step()
    {
        switch (random_.between(0, 9)) {
        case 0:
        case 1:
        case 2:
            waiting_.insert(state_.acquire(now_, now_ + std::chrono::milliseconds(random_.between(0, 300))));
            ++asked_;
            break;
        case 3:
            try_acquire();
            break;
        case 4:
            collect();
            break;
        case 5:
            cancel();
            break;
        case 6:
        case 7:
            release();
            break;
        case 8:
            limit_ = number(1, 5);
            state_.set_limit(limit_, now_);
            break;
        default:
            now_ += std::chrono::milliseconds(random_.between(0, 60) - (random_.uniform() < 0.05 ? 1000 : 0));
            state_.tick(now_);
        }
        note();
        check();
    }

    /// All who run end; then nobody may wait and no place may be missing.
    void come_to_rest()
    {
        while (running_ > 0 || !assigned_.empty()) {
            collect();
            release();
            note();
            check();
        }
        SCHEDULE_REQUIRE(waiting_.empty());
        SCHEDULE_REQUIRE(state_.in_flight() == 0);
        for (std::size_t place = 0; place < limit_; ++place) {
            try_acquire();
        }
        SCHEDULE_REQUIRE(running_ == limit_);
    }

private:
    std::size_t number(std::int64_t low, std::int64_t high)
    {
        return static_cast<std::size_t>(random_.between(low, high));
    }
    CallerId pick(const std::set<CallerId>& callers)
    {
        auto chosen = callers.begin();
        std::advance(chosen, random_.between(0, static_cast<std::int64_t>(callers.size()) - 1));
        return *chosen;
    }

    void try_acquire()
    {
        ++asked_;
        const bool free = state_.in_flight() < limit_ && waiting_.empty();
        const bool admitted = state_.try_acquire(now_).has_value();
        SCHEDULE_REQUIRE(admitted == free);
        running_ += admitted ? 1U : 0U;
    }
    void collect()
    {
        if (!assigned_.empty()) {
            const auto caller = pick(assigned_);
            state_.collect(caller);
            assigned_.erase(caller);
            ++running_;
        }
    }
    void cancel()
    {
        if (!assigned_.empty() && random_.uniform() < 0.5) {
            const auto caller = pick(assigned_);
            assigned_.erase(caller);
            state_.cancel(caller, now_);
            ++left_; // both admitted and cancelled
        } else if (!waiting_.empty()) {
            state_.cancel(pick(waiting_), now_);
        }
    }
    void release()
    {
        if (running_ > 0) {
            --running_;
            state_.release(now_);
        }
    }

    void note()
    {
        for (const auto& [caller, refused] : answers_.take(state_)) {
            SCHEDULE_REQUIRE(waiting_.contains(caller));
            if (!refused) {
                SCHEDULE_REQUIRE(caller == *waiting_.begin()); // first come, first served
                assigned_.insert(caller);
            }
            waiting_.erase(caller);
        }
    }

    void check()
    {
        const auto stats = state_.stats();
        SCHEDULE_REQUIRE(stats.in_flight == running_ + assigned_.size());
        SCHEDULE_REQUIRE(stats.waiters == waiting_.size());
        SCHEDULE_REQUIRE(stats.waiters <= queue_.max_waiters);
        SCHEDULE_REQUIRE(stats.waiters == 0 || stats.in_flight >= limit_); // nobody waits beside a free place
        SCHEDULE_REQUIRE(stats.waiters == 0 || answers_.wake.has_value());
        SCHEDULE_REQUIRE(asked_ + left_ == stats.admitted + stats.rejected + stats.shed + stats.timeouts +
                                               stats.cancelled + stats.waiters);
    }

    Random random_;
    Instant now_{1h};
    std::size_t limit_;
    QueueParams queue_;
    ConcurrencyState state_;
    Answers answers_;
    std::set<CallerId> waiting_;
    std::set<CallerId> assigned_;
    std::size_t running_ = 0;
    std::uint64_t asked_ = 0;
    std::uint64_t left_ = 0;
};

} // namespace

TEST_CASE("a concurrency limiter loses and doubles no permit, whatever happens in whatever order")
{
    for_seeds(10'000, [](std::uint64_t seed) {
        World world(seed);
        for (int step = 0; step < 100; ++step) {
            world.step();
        }
        world.come_to_rest();
    });
}

} // namespace squall::refkit
