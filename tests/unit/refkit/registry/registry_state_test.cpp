#include "refkit/registry/registry_state.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

using Member = RegistryState::Member;
using Refusal = RegistryState::Refusal;

const Instant start{};

Member entered(RegistryState& registry, const std::string& room, Instant now = start)
{
    return std::get<Member>(registry.enter(room, now));
}

} // namespace

TEST_CASE("rooms come with their first member and go with their last")
{
    RegistryState registry({});
    const auto first = entered(registry, "a");
    const auto second = entered(registry, "a");
    const auto other = entered(registry, "b");
    CHECK(registry.members_of("a") == std::vector<Member>{first, second});
    CHECK(registry.room_count() == 2);
    registry.leave(other);
    registry.leave(other);
    CHECK(registry.room_count() == 1);
    CHECK(registry.size() == 2);
    CHECK(registry.members_of("b").empty());
    CHECK(entered(registry, "b") != other);
}

TEST_CASE("a full room and a full registry refuse")
{
    RegistryState registry({2, 3, 1s, 2s});
    const auto first = entered(registry, "a");
    (void)entered(registry, "a");
    CHECK(std::get<Refusal>(registry.enter("a", start)) == Refusal::room_full);
    (void)entered(registry, "b");
    CHECK(std::get<Refusal>(registry.enter("b", start)) == Refusal::registry_full);
    registry.leave(first);
    CHECK(std::holds_alternative<Member>(registry.enter("a", start)));
}

TEST_CASE("the silent are pinged once and then dropped")
{
    RegistryState registry({10, 10, 1s, 2s});
    const auto silent = entered(registry, "a");
    const auto lively = entered(registry, "a");
    CHECK(registry.sweep(start + 999ms).ping.empty());
    CHECK(registry.sweep(start + 1s).ping == std::vector<Member>{silent, lively});
    CHECK(registry.sweep(start + 1500ms).ping.empty());
    registry.seen(lively, start + 1600ms);
    const auto sweep = registry.sweep(start + 2s);
    CHECK(sweep.drop == std::vector<Member>{silent});
    CHECK(sweep.ping.empty());
    CHECK(registry.size() == 2); // until it leaves
    CHECK(registry.sweep(start + 2600ms).ping == std::vector<Member>{lively});
}

} // namespace squall::refkit
