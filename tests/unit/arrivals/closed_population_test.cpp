#include "arrivals/closed_population.hpp"

#include "base/random.hpp"

#include "catch.hpp"

#include <vector>

using namespace std::chrono_literals;
using squall::Duration;
using squall::Random;
using squall::arrivals::ClosedPopulation;
using squall::arrivals::UserStage;

namespace {

struct Change {
    Duration at;
    int users;
};

/// Follows next_change() as the engine does.
std::vector<Change> changes_of(const ClosedPopulation& population)
{
    std::vector<Change> changes{{0s, population.users_at(0s)}};
    while (const auto next = population.next_change(changes.back().at)) {
        REQUIRE(*next > changes.back().at);
        changes.push_back({*next, population.users_at(*next)});
    }
    return changes;
}

} // namespace

TEST_CASE("a fixed number of users")
{
    SECTION("starts evenly over the ramp: user i of n at ramp·i/n, the first at once")
    {
        const auto population = ClosedPopulation::fixed(5, 10s);
        const auto changes = changes_of(population);
        REQUIRE(changes.size() == 5);
        for (int user = 0; user < 5; ++user) {
            CHECK(changes[static_cast<std::size_t>(user)].at == user * 2s);
            CHECK(changes[static_cast<std::size_t>(user)].users == user + 1);
        }
        CHECK(population.users_at(2s - 1ns) == 1);
        CHECK(population.users_at(10s) == 5);
        CHECK(population.users_at(24h) == 5);
    }
    SECTION("starts all at once without a ramp")
    {
        const auto population = ClosedPopulation::fixed(300, 0s);
        CHECK(population.users_at(0s) == 300);
        CHECK(!population.next_change(0s));
    }
    SECTION("keeps the pace of an odd ramp to the nanosecond over many users")
    {
        const auto changes = changes_of(ClosedPopulation::fixed(30'000, 7'000'000'001ns));
        REQUIRE(changes.size() == 30'000);
        for (std::int64_t user = 0; user < 30'000; ++user) {
            const auto exact = user * 7'000'000'001 / 30'000;
            REQUIRE(changes[static_cast<std::size_t>(user)].users == user + 1);
            REQUIRE(changes[static_cast<std::size_t>(user)].at.count() >= exact);
            REQUIRE(changes[static_cast<std::size_t>(user)].at.count() <= exact + 1);
        }
    }
    SECTION("of zero never changes")
    {
        CHECK(ClosedPopulation::fixed(0, 10s).users_at(5s) == 0);
        CHECK(!ClosedPopulation::fixed(0, 10s).next_change(0s));
        CHECK(ClosedPopulation({}).users_at(5s) == 0);
        CHECK(!ClosedPopulation({}).next_change(0s));
    }
}

TEST_CASE("a scale multiplies the users, rounded up")
{
    CHECK(ClosedPopulation::fixed(300, 0s, 1.5).users_at(0s) == 450);
    CHECK(ClosedPopulation::fixed(5, 0s, 1.5).users_at(0s) == 8);
    CHECK(ClosedPopulation::fixed(1, 0s, 1.5).users_at(0s) == 2);
    CHECK(ClosedPopulation::fixed(100, 0s, 1.1).users_at(0s) == 110); // not 111 for 110.00000000000001
    CHECK(ClosedPopulation({{10s, 3}, {10s, 1}}, 1.5).users_at(10s) == 5);
    CHECK(ClosedPopulation({{10s, 3}, {10s, 1}}, 1.5).users_at(20s) == 2);
}

TEST_CASE("stages of users")
{
    SECTION("move linearly from level to level and hold the last")
    {
        const ClosedPopulation population({{10s, 100}, {10s, 100}, {10s, 20}});
        CHECK(population.users_at(5s) == 51);
        CHECK(population.users_at(10s) == 100);
        CHECK(population.users_at(15s) == 100);
        CHECK(population.users_at(25s) == 60);
        CHECK(population.users_at(30s) == 20);
        CHECK(population.users_at(1h) == 20);
    }
    SECTION("wait through a level stage without waking")
    {
        const ClosedPopulation population({{10s, 10}, {50s, 10}, {10s, 0}});
        CHECK(population.next_change(9s + 500ms) == 61s);
        CHECK(population.next_change(30s) == 61s);
        CHECK(population.next_change(69s) == 70s);
        CHECK(!population.next_change(70s));
    }
    SECTION("jump where a stage has no length")
    {
        const ClosedPopulation population({{0s, 10}, {10s, 10}, {0s, 100}, {10s, 100}, {0s, 5}});
        CHECK(population.users_at(0s) == 10);
        CHECK(population.users_at(10s - 1ns) == 10);
        CHECK(population.users_at(10s) == 100);
        CHECK(population.users_at(20s) == 5);
        CHECK(population.next_change(0s) == 10s);
        CHECK(population.next_change(10s) == 20s);
        CHECK(!population.next_change(20s));
    }
    SECTION("jump just after a ramp")
    {
        const ClosedPopulation population({{10s, 5}, {0s, 50}});
        CHECK(population.next_change(9s) == 10s);
        CHECK(population.users_at(10s) == 50);
    }
}

TEST_CASE("users change only at the instants that are told before, whatever the stages")
{
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        INFO("seed " << seed);
        Random random(seed);
        std::vector<UserStage> stages;
        Duration total{};
        const auto parts = random.between(1, 5);
        for (std::int64_t i = 0; i < parts; ++i) {
            const auto length = random.uniform() < 0.3 ? 0 : random.between(1, 2'000'000);
            stages.push_back({Duration(length), static_cast<int>(random.between(0, 40))});
            total += stages.back().length;
        }
        const ClosedPopulation population(stages, 0.5 + random.uniform());
        const auto changes = changes_of(population);
        CHECK(changes.back().users == population.users_at(total));
        for (std::size_t i = 0; i + 1 < changes.size(); ++i) {
            REQUIRE(changes[i].users != changes[i + 1].users);
            REQUIRE(population.users_at(changes[i + 1].at - 1ns) == changes[i].users);
            const Duration between(random.between(changes[i].at.count(), changes[i + 1].at.count() - 1));
            REQUIRE(population.users_at(between) == changes[i].users);
            REQUIRE(population.next_change(between) == changes[i + 1].at);
        }
    }
}
