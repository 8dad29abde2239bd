#include "refkit/registry/registry_state.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

const Instant start{};

RegistryState registry_of(RegistryParams params = {})
{
    return RegistryState(params, Random(1));
}

MemberId entered(RegistryState& registry, const std::string& room, Instant now = start)
{
    return registry.enter(room, now).value();
}

Errc refusal(RegistryState& registry, const std::string& room)
{
    return registry.enter(room, start).error().error;
}

using Dropped = RegistryState::Dropped;

} // namespace

TEST_CASE("rooms come with their first member and go with their last")
{
    auto registry = registry_of();
    const auto first = entered(registry, "a");
    const auto second = entered(registry, "a");
    const auto other = entered(registry, "b");
    CHECK(registry.members_of("a") == std::vector{first, second});
    CHECK(registry.stats().rooms == 2);
    registry.leave(other);
    registry.leave(other);
    CHECK(registry.stats().rooms == 1);
    CHECK(registry.stats().members == 2);
    CHECK(registry.stats().entered == 3);
    CHECK(registry.stats().left == 1);
    CHECK(registry.members_of("b").empty());
    CHECK(entered(registry, "b") != other);
}

TEST_CASE("a full room and a full registry refuse")
{
    auto registry = registry_of({.most_in_room = 2, .most_in_all = 3});
    const auto first = entered(registry, "a");
    (void)entered(registry, "a");
    CHECK(refusal(registry, "a") == Errc::room_full);
    const auto other = entered(registry, "b");
    CHECK(refusal(registry, "b") == Errc::registry_full);
    CHECK(registry.stats().refused_room_full == 1);
    CHECK(registry.stats().refused_registry_full == 1);

    SECTION("until somebody leaves")
    {
        registry.leave(first);
        CHECK(registry.enter("a", start).has_value());
    }
    SECTION("also while those who have to go are still there")
    {
        CHECK(registry.drop(first, DropReason::slow));
        registry.leave(other);
        CHECK(refusal(registry, "a") == Errc::room_full);
        CHECK(registry.stats().leaving == 1);
        registry.leave(first);
        CHECK(registry.stats().leaving == 0);
        CHECK(registry.enter("a", start).has_value());
    }
}

TEST_CASE("the silent are pinged once and then told to go, once")
{
    auto registry = registry_of();
    const auto silent = entered(registry, "a");
    const auto lively = entered(registry, "a");
    CHECK(registry.sweep(start + 999ms).ping.empty());
    CHECK(registry.sweep(start + 1s).ping == std::vector{silent, lively});
    CHECK(registry.sweep(start + 1500ms).ping.empty());
    registry.seen(lively, start + 1600ms);
    CHECK(registry.sweep(start + 1999ms).drop.empty());
    const auto sweep = registry.sweep(start + 2s);
    CHECK(sweep.drop == std::vector{Dropped{silent, DropReason::silent}});
    CHECK(sweep.ping.empty());
    CHECK(registry.sweep(start + 2100ms).drop.empty());
    CHECK(registry.members_of("a") == std::vector{lively});
    CHECK(registry.stats().members == 2); // until it leaves
    CHECK(registry.stats().dropped_silent == 1);
    CHECK(registry.stats().pinged == 2);
    registry.seen(silent, start + 2200ms); // too late
    CHECK(registry.sweep(start + 2600ms).ping == std::vector{lively});
}

TEST_CASE("a sweep that comes late drops those who were never pinged")
{
    auto registry = registry_of();
    const auto silent = entered(registry, "a");
    const auto sweep = registry.sweep(start + 1min);
    CHECK(sweep.ping.empty());
    CHECK(sweep.drop == std::vector{Dropped{silent, DropReason::silent}});
}

TEST_CASE("the aged have to go, not all at once and none of them late")
{
    RegistryParams params;
    params.drop_after = 48h;
    params.ping_after = 47h;
    params.max_age = 100s;
    auto registry = registry_of(params);
    for (int count = 0; count < 100; ++count) {
        (void)entered(registry, "a");
    }
    CHECK(registry.sweep(start + 74'999ms).drop.empty());
    std::size_t largest = 0;
    std::size_t all = 0;
    for (int second = 75; second <= 100; ++second) {
        const auto drop = registry.sweep(start + std::chrono::seconds(second)).drop;
        largest = std::max(largest, drop.size());
        all += drop.size();
        for (const auto& dropped : drop) {
            CHECK(dropped.reason == DropReason::aged);
        }
    }
    CHECK(all == 100);
    CHECK(largest < 20);
    CHECK(registry.stats().dropped_aged == 100);
}

TEST_CASE("who was told to go is told once, for one reason")
{
    RegistryParams params;
    params.max_age = 1s;
    auto registry = registry_of(params);
    const auto member = entered(registry, "a");
    CHECK(registry.drop(member, DropReason::slow));
    CHECK_FALSE(registry.drop(member, DropReason::slow));
    CHECK(registry.sweep(start + 1h).drop.empty());
    CHECK(registry.close().empty());
    registry.leave(member);
    CHECK_FALSE(registry.drop(member, DropReason::slow));
    const auto stats = registry.stats();
    CHECK(stats.dropped_slow == 1);
    CHECK(stats.dropped_silent + stats.dropped_aged + stats.dropped_closing == 0);
}

TEST_CASE("a closed registry tells everybody and lets nobody in")
{
    auto registry = registry_of();
    const auto member = entered(registry, "a");
    CHECK(registry.close() == std::vector{member});
    CHECK(registry.close().empty());
    CHECK(refusal(registry, "a") == Errc::registry_closed);
    CHECK(registry.members_of("a").empty());
    CHECK(registry.stats().dropped_closing == 1);
    CHECK(registry.stats().refused_closed == 1);
}

TEST_CASE("a registry with broken parameters is not made")
{
    RegistryParams params;
    std::string named;
    SECTION("no room in a room")
    {
        params.most_in_room = 0;
        named = "most_in_room";
    }
    SECTION("no room at all")
    {
        params.most_in_all = 0;
        named = "most_in_all";
    }
    SECTION("no time before a ping")
    {
        params.ping_after = 0s;
        named = "ping_after";
    }
    SECTION("no time to answer it")
    {
        params.drop_after = params.ping_after;
        named = "drop_after";
    }
    SECTION("no life")
    {
        params.max_age = 0s;
        named = "max_age";
    }
    SECTION("no rest")
    {
        params.sweep_every = -1s;
        named = "sweep_every";
    }
    CHECK(check(params).error().message.find(named) != std::string::npos);
    CHECK_THROWS_AS(RegistryState(params, Random(1)), std::invalid_argument);
}

} // namespace squall::refkit
