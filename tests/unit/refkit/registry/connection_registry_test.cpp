#include "refkit/registry/connection_registry.hpp"
#include "unit/refkit/limiter/asking.hpp"

#include <functional>

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

struct Session {
    int pings = 0;
    std::vector<DropReason> dropped;
    std::function<void()> on_drop = [] {};
    Membership membership;

    void ping() { ++pings; }
    void drop(DropReason reason)
    {
        dropped.push_back(reason);
        on_drop();
    }
};
using Registry = ConnectionRegistry<Session>;
using Reasons = std::vector<DropReason>;

/// Its clock, which begins with the event loop's, moves only when told to; the tests sweep themselves.
struct Rooms {
    Rooms()
    {
        clock->advance(std::chrono::steady_clock::now() - clock->now());
        RegistryParams params;
        params.sweep_every = 1h;
        registry = std::make_unique<Registry>(params, Random(1), clock);
    }

    std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
    std::unique_ptr<Registry> registry;

    /// A session that owns its membership.
    std::shared_ptr<Session> enter(const std::string& room)
    {
        auto session = std::make_shared<Session>();
        session->membership = std::move(registry->enter(room, session).value());
        return session;
    }
};

Task<bool> until_it_ends(Task<void> running)
{
    co_await std::move(running);
    co_return true;
}

} // namespace

TEST_CASE("the silent hear a ping and then a drop, the lively neither")
{
    Rooms rooms;
    const auto silent = rooms.enter("a");
    const auto lively = rooms.enter("a");
    rooms.clock->advance(1500ms);
    lively->membership.seen();
    rooms.registry->sweep();
    CHECK(silent->pings == 1);
    CHECK(lively->pings == 0);
    rooms.clock->advance(500ms);
    rooms.registry->sweep();
    rooms.registry->sweep();
    CHECK(silent->dropped == Reasons{DropReason::silent});
    CHECK(lively->dropped.empty());
    CHECK(rooms.registry->stats().members == 2);
}

TEST_CASE("a membership is given back once, whatever becomes of it")
{
    Rooms rooms;
    auto session = std::make_shared<Session>();
    const std::weak_ptr<Session> watched = session;
    (void)rooms.registry->enter("a", session); // given back at once
    auto membership = std::move(rooms.registry->enter("a", std::exchange(session, nullptr)).value());
    CHECK(rooms.registry->stats().left == 1);
    CHECK_FALSE(watched.expired()); // the registry keeps it

    SECTION("moved")
    {
        Membership other = std::move(membership);
        CHECK(other.valid());
        membership = std::move(other);
        CHECK(membership.valid());
        CHECK(rooms.registry->stats().members == 1);
    }
    SECTION("left twice")
    {
        membership.leave();
        membership.leave();
        CHECK_FALSE(membership.valid());
    }
    SECTION("written over")
    {
        membership = Membership();
    }
    SECTION("after the registry")
    {
        rooms.registry.reset();
        CHECK(watched.expired());
        membership.seen();
        CHECK_FALSE(membership.drop(DropReason::slow));
        membership.leave();
        return;
    }
    membership.leave();
    CHECK(watched.expired());
    CHECK(rooms.registry->stats().left == 2);
}

TEST_CASE("a session may leave, and end, while it is told to go")
{
    Rooms rooms;
    std::weak_ptr<Session> watched;
    {
        const auto session = rooms.enter("a");
        session->on_drop = [session = session.get()] { session->membership.leave(); };
        watched = session;
    }
    const auto other = rooms.enter("a");
    SECTION("by a sweep")
    {
        rooms.clock->advance(2s);
        rooms.registry->sweep();
        CHECK(other->dropped == Reasons{DropReason::silent});
    }
    SECTION("by itself")
    {
        CHECK(watched.lock()->membership.drop(DropReason::slow));
        CHECK(other->dropped.empty());
    }
    CHECK(watched.expired());
    CHECK(rooms.registry->stats().members == 1);
}

TEST_CASE("the registry may end while a session is told to go")
{
    Rooms rooms;
    const auto session = rooms.enter("a");
    session->on_drop = [&rooms] { rooms.registry.reset(); };
    rooms.clock->advance(2s);
    rooms.registry->sweep();
    CHECK(session->dropped == Reasons{DropReason::silent});
    CHECK(session.use_count() == 1);
}

TEST_CASE("what is said in a room reaches those who stay there")
{
    Rooms rooms;
    const auto first = rooms.enter("a");
    const auto second = rooms.enter("a");
    const auto gone = rooms.enter("a");
    const auto other = rooms.enter("b");
    CHECK(gone->membership.drop(DropReason::slow));
    std::vector<const Session*> heard;
    rooms.registry->for_each_in("a", [&](Session& session) {
        heard.push_back(&session);
        session.membership.leave();
        second->membership.leave();
    });
    CHECK(heard == std::vector<const Session*>{first.get(), second.get()});
    CHECK(rooms.registry->stats().members == 2);
}

TEST_CASE("draining tells everybody to go and waits until they are gone")
{
    Rooms rooms;
    Loop<bool> loop;
    auto& running = loop.ask(until_it_ends(rooms.registry->run()));
    const auto first = rooms.enter("a");
    const auto second = rooms.enter("b");
    loop.settle();
    first->on_drop = [&] { first->membership.leave(); };

    SECTION("in time")
    {
        auto& draining = loop.ask(rooms.registry->drain(1h));
        loop.settle();
        CHECK_FALSE(draining.got);
        CHECK(second->dropped == Reasons{DropReason::closing});
        CHECK(rooms.registry->enter("a", first).error().error == Errc::registry_closed);
        second->membership.leave();
        loop.settle();
        CHECK(draining.got == true);
        CHECK(running.got);
    }
    SECTION("or too late")
    {
        auto& draining = loop.ask(rooms.registry->drain(1ms));
        loop.wait_for(draining);
        CHECK(draining.got == false);
        CHECK(rooms.registry->stats().leaving == 1);
        CHECK_FALSE(running.got);
    }
    SECTION("or the registry ends first")
    {
        auto& draining = loop.ask(rooms.registry->drain(1h));
        loop.settle();
        rooms.registry.reset();
        loop.settle();
        CHECK(draining.got);
        CHECK(running.got);
    }
    SECTION("or there is nobody")
    {
        first->membership.leave();
        second->membership.leave();
        auto& draining = loop.ask(rooms.registry->drain(1h));
        loop.settle();
        CHECK(draining.got == true);
        CHECK(running.got);
    }
}

TEST_CASE("a running registry sweeps by itself until it is cancelled")
{
    RegistryParams params;
    params.ping_after = 1ms;
    params.drop_after = 2ms;
    params.sweep_every = 1ms;
    Registry registry(params, Random(1));
    Loop<bool> loop;
    auto& running = loop.ask(until_it_ends(registry.run()));
    const auto session = std::make_shared<Session>();
    session->membership = std::move(registry.enter("a", session).value());
    session->on_drop = [&running] { running.cancellation.emit(asio::cancellation_type::terminal); };
    loop.wait_for(running);
    CHECK(session->dropped == Reasons{DropReason::silent});
    loop.context.restart();
    CHECK(loop.context.run() == 0); // nothing is left behind
}

TEST_CASE("a registry with broken parameters cannot be made")
{
    RegistryParams params;
    params.most_in_room = 0;
    CHECK_THROWS_AS(Registry(params, Random(1)), std::invalid_argument);
}

} // namespace squall::refkit
