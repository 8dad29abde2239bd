// Whole lives of a registry's shell on the seeded executor of tests/sim: members that come, go, fall silent or refuse
// to go, a sweep that is cancelled, drains with too little time, and a registry that ends in the middle of it all.
#include "refkit/registry/connection_registry.hpp"
#include "sim/sim_timer.hpp"
#include "unit/refkit/seeds.hpp"

#include <functional>
#include <memory>
#include <vector>

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

Duration milliseconds(Random& random, std::int64_t most)
{
    return std::chrono::milliseconds(random.between(0, most));
}

struct Session {
    explicit Session(const asio::any_io_executor& executor) : told(executor, Instant::max()) {}

    void ping()
    {
        SCHEDULE_REQUIRE(dropped == 0);
        if (answers_in_time) {
            membership.seen();
        }
    }
    void drop(DropReason reason)
    {
        SCHEDULE_REQUIRE(reason != DropReason::silent || !answers_in_time);
        ++dropped;
        SCHEDULE_REQUIRE(dropped == 1);
        told.cancel();
        if (leaves_at_once) {
            membership.leave(); // while the registry tells it
            left();
        }
    }

    sim::SimTimer told; // cancelled when it has to go
    Membership membership;
    int dropped = 0;
    bool answers_in_time = true;
    bool leaves_at_once = false;
    std::function<void()> left;
};
using Registry = ConnectionRegistry<Session, sim::SimTimer>;

/// Everything that is under way completes once, and only once.
struct Operation {
    int completions = 0;
    asio::cancellation_signal cancellation;
};

class World {
public:
    explicit World(std::uint64_t seed)
        : random_(seed),
          is_punctual_(random_.uniform() < 0.8),
          context_(random_.stream("context"), is_punctual_ ? 0.0 : 0.1),
          registry_(std::make_unique<Registry>(some_params(), random_.stream("registry"), context_.clock()))
    {}
    ~World() { context_.destroy_everything(); }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    void live()
    {
        asio::any_io_executor executor = context_.executor();
        spawn(executor, sweep(*this, registry_->run()));
        for (int member = 0; member < 8; ++member) {
            spawn(executor, come_and_go(*this, executor, random_.stream("member", static_cast<std::uint64_t>(member))));
        }
        spawn(executor, end(*this, executor, random_.stream("end")));
        while (context_.step()) {
            check_after_step();
        }
        check_at_the_end();
    }

private:
    RegistryParams some_params()
    {
        RegistryParams params;
        params.most_in_room = static_cast<std::size_t>(random_.between(1, 4));
        params.most_in_all = static_cast<std::size_t>(random_.between(1, 8));
        params.ping_after = milliseconds(random_, 200) + 1ms;
        params.max_age = milliseconds(random_, 1000) + 1ms;
        params.sweep_every = milliseconds(random_, 100) + 1ms;
        params.drop_after = params.ping_after + params.sweep_every + milliseconds(random_, 100); // time for one ping
        return params;
    }

    void spawn(const asio::any_io_executor& executor, Task<void> work)
    {
        auto& operation = *operations_.emplace_back(std::make_unique<Operation>());
        asio::co_spawn(
            executor, std::move(work),
            asio::bind_cancellation_slot(operation.cancellation.slot(), [&operation](const std::exception_ptr&) {
                ++operation.completions;
                SCHEDULE_REQUIRE(operation.completions == 1);
            }));
    }

    static Task<void> pause(asio::any_io_executor executor, Instant until)
    {
        sim::SimTimer timer(executor, until);
        co_await timer.async_wait(use_result);
    }

    static Task<void> sweep(World& world, Task<void> running)
    {
        co_await asio::this_coro::throw_if_cancelled(false);
        world.sweeps_ = true; // before, Asio throws the cancellation out of the event loop
        co_await std::move(running);
    }
    static Task<void> come_and_go(World& world, asio::any_io_executor executor, Random random)
    {
        while (world.registry_) {
            auto waiting = pause(executor, world.context_.now() + milliseconds(random, 300));
            co_await std::move(waiting);
            if (!world.registry_) {
                co_return;
            }
            auto stay = world.stay(executor, random.stream("stay"));
            co_await std::move(stay);
        }
    }
    Task<void> stay(asio::any_io_executor executor, Random random)
    {
        const auto session = std::make_shared<Session>(executor);
        session->answers_in_time = is_punctual_ && random.uniform() < 0.7;
        session->leaves_at_once = random.uniform() < 0.3;
        session->left = [this] { last_left_ = context_.now(); };
        const bool goes_at_once = random.uniform() < 0.5;
        const auto room = std::string(1, static_cast<char>('a' + random.between(0, 2)));
        auto entered = registry_->enter(room, session);
        if (!entered) {
            co_return;
        }
        sessions_.push_back(session);
        session->membership = std::move(*entered);
        session->told.expires_at(random.uniform() < 0.5 ? Instant::max() : context_.now() + milliseconds(random, 1500));
        co_await session->told.async_wait(use_result);
        if (!goes_at_once) {
            auto farewell = pause(executor, context_.now() + milliseconds(random, 300));
            co_await std::move(farewell);
        }
        give_back(*session, random);
    }
    void give_back(Session& session, Random& random)
    {
        if (random.uniform() < 0.3) {
            const bool first = session.dropped == 0 && session.membership.valid();
            SCHEDULE_REQUIRE(session.membership.drop(DropReason::slow) == (first && registry_ != nullptr));
        }
        const Membership gone = random.uniform() < 0.5 ? std::move(session.membership) : Membership();
        session.membership.leave();
        last_left_ = context_.now();
    }

    static Task<void> end(World& world, asio::any_io_executor executor, Random random)
    {
        auto living = pause(executor, world.context_.now() + milliseconds(random, 3000));
        co_await std::move(living);
        if (world.sweeps_ && random.uniform() < 0.2) {
            world.operations_.front()->cancellation.emit(asio::cancellation_type::terminal); // of run()
        }
        const auto drains = random.between(0, 2);
        for (std::int64_t drain = 0; drain < drains; ++drain) {
            const bool waited = world.registry_->stats().members > 0;
            auto draining = world.registry_->drain(milliseconds(random, 400));
            const bool all_left = co_await std::move(draining);
            SCHEDULE_REQUIRE(all_left == (world.registry_->stats().members == 0));
            SCHEDULE_REQUIRE(!all_left || !waited || !world.is_punctual_ || world.context_.now() == world.last_left_);
        }
        if (drains > 0 && random.uniform() < 0.5) {
            auto late = pause(executor, world.context_.now() + milliseconds(random, 1000));
            co_await std::move(late);
        }
        world.registry_.reset();
        for (const auto& weak : world.sessions_) {
            if (const auto session = weak.lock()) {
                session->told.cancel(); // its connection breaks
            }
        }
    }

    void check_after_step()
    {
        if (!registry_) {
            return;
        }
        const auto stats = registry_->stats();
        std::size_t members = 0;
        std::size_t leaving = 0;
        for (const auto& weak : sessions_) {
            if (const auto session = weak.lock(); session && session->membership.valid()) {
                ++members;
                leaving += session->dropped > 0 ? 1U : 0U;
            }
        }
        SCHEDULE_REQUIRE(stats.members == members);
        SCHEDULE_REQUIRE(stats.leaving == leaving);
        SCHEDULE_REQUIRE(members <= registry_->params().most_in_all);
    }
    void check_at_the_end()
    {
        for (const auto& operation : operations_) {
            SCHEDULE_REQUIRE(operation->completions == 1);
        }
        for (const auto& session : sessions_) {
            SCHEDULE_REQUIRE(session.expired());
        }
    }

    Random random_;
    bool is_punctual_; // nothing that is ready waits while the clock goes on
    bool sweeps_ = false;
    std::vector<std::unique_ptr<Operation>> operations_;
    sim::SimContext context_;
    std::vector<std::weak_ptr<Session>> sessions_;
    Instant last_left_{};
    std::unique_ptr<Registry> registry_;
};

} // namespace

TEST_CASE("every operation of a registry completes once, and no session is told twice or lost")
{
    for_seeds(10'000, [](std::uint64_t seed) {
        World world(seed);
        world.live();
    });
}

} // namespace squall::refkit
