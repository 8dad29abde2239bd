#include "engine/arrival_models.hpp"

#include <catch2/catch.hpp>

namespace squall::engine {
namespace {

using namespace std::chrono_literals;

plan::Population population_of(decltype(scenario::Arrival::model) model)
{
    plan::Population population;
    population.name = "visitor";
    population.arrival.model = std::move(model);
    return population;
}

std::size_t arrivals_between(const plan::Population& population, Duration begin, Duration end)
{
    LoadOrder order;
    order.length = 30s;
    auto pacer = open_pacer(population, order, 7);
    std::size_t count = 0;
    while (const auto next = pacer.next()) {
        count += *next >= begin && *next < end ? 1 : 0;
    }
    return count;
}

} // namespace

TEST_CASE("every dose of a load has arrivals of its own")
{
    const auto population = population_of(scenario::RateArrival{Rate::per_second(50), scenario::Distribution::poisson});
    const auto first_of = [&population](std::uint64_t number) {
        LoadOrder order;
        order.length = 30s;
        order.number = number;
        return *open_pacer(population, order, 7).next();
    };
    CHECK(first_of(0) == first_of(0));
    CHECK(first_of(0) != first_of(1));
    CHECK(first_of(1) != first_of(2));
}

TEST_CASE("a spike of a rate jumps up and back")
{
    const auto population = population_of(scenario::RateArrival{Rate::per_second(50), scenario::Distribution::constant,
                                                                scenario::RateSpike{Rate::per_second(900), 10s, 5s}});
    CHECK(arrivals_between(population, 0s, 10s) == 500);
    CHECK(arrivals_between(population, 10s, 15s) == 4500);
    CHECK(arrivals_between(population, 15s, 30s) == 750);
}

TEST_CASE("a spike of users jumps up and back")
{
    const scenario::ClosedArrival closed{50, 4s, scenario::UserSpike{900, 10s, 5s}};
    const auto population = closed_population(population_of(closed).arrival, 30s, 1);
    CHECK(population.users_at(1s) < 50);
    CHECK(population.users_at(9999ms) == 50);
    CHECK(population.users_at(10s) == 900);
    CHECK(population.users_at(14999ms) == 900);
    CHECK(population.users_at(15s) == 50);
    CHECK(population.next_change(9s) == Duration(10s));
    CHECK(population.next_change(10s) == Duration(15s));
    CHECK_FALSE(population.next_change(15s));
}

TEST_CASE("stages may jump")
{
    const auto population =
        population_of(scenario::StagedRate{{{0s, Rate::per_second(100)}, {10s, Rate::per_second(100)}}, {}});
    CHECK(arrivals_between(population, 0s, 10s) == 1000);
    CHECK(arrivals_between(population, 10s, 30s) == 2000);
}

TEST_CASE("a recording is replayed in the load and faster in a primer above the load")
{
    auto population = population_of(scenario::ReplayArrival{"arrivals.csv"});
    population.recording = std::make_shared<const std::vector<Duration>>(std::vector<Duration>{0s, 3s, 40s});
    CHECK(arrivals_between(population, 0s, 30s) == 2);
    CHECK(describe_arrival(population) == "open model, 3 arrivals of arrivals.csv over 40s, at most 10000 in flight");
}

} // namespace squall::engine
