#include "plan/scale.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;
using namespace squall::plan;
using namespace squall::scenario;
using squall::Duration;
using squall::Rate;

namespace {

Plan plan_of(std::vector<decltype(Arrival::model)> models)
{
    Plan plan;
    for (auto& model : models) {
        plan.populations.emplace_back().arrival.model = std::move(model);
    }
    return plan;
}

} // namespace

TEST_CASE("a plan at another load has every rate and every number of users multiplied")
{
    auto plan =
        plan_of({ClosedArrival{10, 5s, UserSpike{40, 1s, 1s}},
                 RateArrival{Rate::per_second(10), {}, RateSpike{Rate::per_second(30), 1s, 1s}},
                 StagedUsers{{{1s, 7}, {1s, 0}}}, StagedRate{{{1s, Rate::per_second(5)}}, {}}, ReplayArrival{"a.csv"}});
    plan.populations[4].recording =
        std::make_shared<const std::vector<Duration>>(std::vector<Duration>{0s, 500ms, 1s, 2s});
    CHECK(load_level(plan).users == 47);
    CHECK(load_level(plan).rate.per_second() == Approx(30 + 5 + 2));

    const auto more = scaled(plan, 2.5);
    CHECK(load_level(more).users == 100 + 18);
    CHECK(load_level(more).rate.per_second() == Approx(75 + 12.5 + 5));
    CHECK(std::get<ClosedArrival>(more.populations[0].arrival.model).users == 25);
    CHECK(std::get<ClosedArrival>(more.populations[0].arrival.model).ramp == Duration(5s));
    CHECK(std::get<RateArrival>(more.populations[1].arrival.model).rate.per_second() == 25);
    CHECK(*more.populations[4].recording == std::vector<Duration>{0s, 200ms, 400ms, 800ms});
    SECTION("and the plan itself stays")
    {
        CHECK(load_level(plan).users == 47);
    }
    SECTION("a user less than one is one")
    {
        CHECK(std::get<ClosedArrival>(scaled(plan, 0.01).populations[0].arrival.model).users == 1);
    }
}
