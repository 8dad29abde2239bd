// Random days in the life of a pool: whatever happens in whatever order, the promises hold after every step.
#include "catch.hpp"
#include "unit/refkit/pool/pool_harness.hpp"

#include <map>
#include <random>
#include <set>

using namespace squall;
using namespace squall::refkit;
using namespace std::chrono_literals;

namespace {

/// A server and users that do anything in any order.
class World {
public:
    explicit World(std::uint64_t seed) : random_(Random(seed).stream("world")), state_(make_params(), Random(seed))
    {
        state_.start(now_);
        perform();
    }

    void step()
    {
        switch (random_.between(0, 10)) {
        case 0:
        case 1:
        case 2:
            acquire();
            break;
        case 3:
            finish(dialing_, [this](ConnectionId id) {
                return random_.uniform() < 0.8 ? state_.dialed(id, now_) : state_.dial_failed(id, now_);
            });
            break;
        case 4:
            finish(validating_, [this](ConnectionId id) { state_.validated(id, random_.uniform() < 0.8, now_); });
            finish(resetting_, [this](ConnectionId id) { state_.reset_done(id, random_.uniform() < 0.8, now_); });
            break;
        case 5:
            finish(closing_, [this](ConnectionId id) { state_.closed(id, now_); });
            break;
        case 6:
            collect_or_cancel();
            break;
        case 7:
        case 8:
            finish(in_use_, [this](ConnectionId id) { give_back(id); });
            break;
        case 9:
            if (offers_ > 0) {
                --offers_;
                state_.offer_due(now_);
            }
            break;
        default:
            now_ += std::chrono::milliseconds(random_.between(0, 300));
            state_.tick(now_);
        }
        perform();
        check();
    }

    /// Whoever is under way ends well; then nothing may wait beside something idle.
    void come_to_rest()
    {
        while (offers_ > 0 || !dialing_.empty() || !validating_.empty() || !resetting_.empty() || !closing_.empty()) {
            for (; offers_ > 0; --offers_) {
                state_.offer_due(now_);
            }
            perform();
            finish(dialing_, [this](ConnectionId id) { state_.dialed(id, now_); });
            finish(validating_, [this](ConnectionId id) { state_.validated(id, true, now_); });
            finish(resetting_, [this](ConnectionId id) { state_.reset_done(id, true, now_); });
            finish(closing_, [this](ConnectionId id) { state_.closed(id, now_); });
            perform();
            check();
        }
        const auto stats = state_.stats();
        REQUIRE_FALSE((stats.idle > 0 && stats.waiters > 0));
    }

    void end()
    {
        state_.abort(now_);
        perform();
        while (!closing_.empty()) {
            finish(closing_, [this](ConnectionId id) { state_.closed(id, now_); });
            perform();
        }
        for (const auto& [waiter, connection] : assigned_) {
            state_.cancel(waiter, now_);
        }
        perform();
        REQUIRE(waiting_.empty());
        REQUIRE(state_.stats().total == 0);
        REQUIRE(state_.finished());
    }

private:
    PoolParams make_params()
    {
        PoolParams params;
        params.max = static_cast<std::size_t>(random_.between(1, 6));
        params.min_idle = static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(params.max)));
        params.idle_timeout = 2s;
        if (random_.uniform() < 0.3) {
            params.max_waiters = static_cast<std::size_t>(random_.between(0, 5));
        }
        params.fairness = random_.uniform() < 0.3 ? Fairness::barging : Fairness::fifo;
        if (random_.uniform() < 0.5) {
            params.connect_limit = static_cast<std::size_t>(random_.between(1, 3));
        }
        return params;
    }

    void acquire()
    {
        const auto deadline = now_ + std::chrono::milliseconds(random_.between(0, 1500));
        const auto waiter = state_.acquire(now_, deadline);
        waiting_.insert(waiter);
        ++asked_;
    }

    void collect_or_cancel()
    {
        if (!assigned_.empty() && random_.uniform() < 0.7) {
            const auto [waiter, connection] = *assigned_.begin();
            assigned_.erase(assigned_.begin());
            if (random_.uniform() < 0.7) {
                state_.collect(waiter, now_);
                in_use_.insert(connection);
            } else {
                state_.cancel(waiter, now_);
            }
        } else if (!waiting_.empty()) {
            auto chosen = waiting_.begin();
            std::advance(chosen, random_.between(0, static_cast<std::int64_t>(waiting_.size()) - 1));
            state_.cancel(*chosen, now_);
        }
    }

    void give_back(ConnectionId id)
    {
        const auto chance = random_.uniform();
        if (chance < 0.1) {
            state_.detach(id, now_);
        } else {
            state_.release(id,
                           chance < 0.3   ? ReturnedAs::dirty
                           : chance < 0.4 ? ReturnedAs::broken
                                          : ReturnedAs::clean,
                           now_);
        }
    }

    template <typename Event>
    void finish(std::set<ConnectionId>& set, Event event)
    {
        if (set.empty()) {
            return;
        }
        auto chosen = set.begin();
        std::advance(chosen, random_.between(0, static_cast<std::int64_t>(set.size()) - 1));
        const auto id = *chosen;
        set.erase(chosen);
        event(id);
        perform();
    }

    void perform()
    {
        for (const auto& action : state_.take_actions()) {
            std::visit([this](const auto& wanted) { perform(wanted); }, action);
        }
    }
    void perform(const Dial& dial) { REQUIRE(dialing_.insert(dial.connection).second); }
    void perform(const Validate& validate) { REQUIRE(validating_.insert(validate.connection).second); }
    void perform(const Reset& reset) { REQUIRE(resetting_.insert(reset.connection).second); }
    void perform(const Close& close)
    {
        dialing_.erase(close.connection);
        validating_.erase(close.connection);
        resetting_.erase(close.connection);
        in_use_.erase(close.connection);
        // Twice only where an abort cuts a farewell short.
        REQUIRE((closing_.insert(close.connection).second || !close.deadline));
    }
    void perform(const Complete& complete)
    {
        // One completion each: whoever completes was waiting, and does so no more.
        REQUIRE(waiting_.contains(complete.waiter));
        if (const auto* connection = std::get_if<ConnectionId>(&complete.outcome)) {
            // First come, first served; but for him who asks this very moment, where barging is allowed.
            const bool barges = state_.params().fairness == Fairness::barging && complete.waiter == *waiting_.rbegin();
            REQUIRE((complete.waiter == *waiting_.begin() || barges));
            REQUIRE_FALSE(in_use_.contains(*connection));
            for (const auto& [other, theirs] : assigned_) {
                REQUIRE(theirs != *connection);
            }
            assigned_.emplace(complete.waiter, *connection);
        }
        waiting_.erase(complete.waiter);
    }
    void perform(const Offer&) { ++offers_; }
    void perform(const BudgetChanged&) { FAIL("there is no budget"); }
    void perform(const ReportLeak& leak) { REQUIRE(in_use_.contains(leak.connection)); }
    void perform(const ArmTimer& timer) { REQUIRE(timer.at >= now_); }

    void check()
    {
        const auto stats = state_.stats();
        REQUIRE(stats.total <= stats.max);
        REQUIRE(stats.total ==
                stats.idle + stats.acquired + stats.constructing + stats.validating + stats.resetting + stats.closing);
        REQUIRE(stats.acquired == in_use_.size() + assigned_.size());
        REQUIRE(stats.constructing == dialing_.size());
        REQUIRE(stats.validating == validating_.size());
        REQUIRE(stats.resetting == resetting_.size());
        REQUIRE(stats.closing == closing_.size());
        REQUIRE(stats.waiters == waiting_.size());
        REQUIRE(asked_ == stats.acquire_count + stats.canceled_acquire_count + stats.timeouts + stats.rejected +
                              stats.waiters + assigned_.size());
        // Something idle beside someone who waits is only ever on its way to them.
        REQUIRE((stats.idle == 0 || stats.waiters <= stats.validating || offers_ > 0));
    }

    Random random_;
    Instant now_{};
    PoolState state_;
    std::uint64_t asked_ = 0;
    std::set<WaiterId> waiting_;
    std::map<WaiterId, ConnectionId> assigned_;
    std::set<ConnectionId> in_use_;
    std::set<ConnectionId> dialing_;
    std::set<ConnectionId> validating_;
    std::set<ConnectionId> resetting_;
    std::set<ConnectionId> closing_;
    std::size_t offers_ = 0;
};

} // namespace

TEST_CASE("a pool keeps its promises whatever happens, in whatever order")
{
    // SQUALL_TEST_SEED replays one failure; otherwise every run tries other days.
    const char* given = std::getenv("SQUALL_TEST_SEED");
    const std::uint64_t first = given != nullptr ? std::stoull(given) : std::random_device{}();
    const std::uint64_t worlds = given != nullptr ? 1 : 150;
    for (std::uint64_t seed = first; seed < first + worlds; ++seed) {
        INFO("replay with SQUALL_TEST_SEED=" << seed);
        World world(seed);
        for (int step = 0; step < 400; ++step) {
            world.step();
            if (step % 100 == 99) {
                world.come_to_rest();
            }
        }
        world.end();
    }
}
