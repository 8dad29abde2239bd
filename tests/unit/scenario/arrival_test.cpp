#include "support.hpp"

using namespace squall::scenario;
using namespace squall::scenario::testing;
using namespace std::chrono_literals;

namespace {

/// The arrival stands in line 3 and its table begins in column 11.
std::string with_arrival(const std::string& arrival)
{
    return "[[user]]\nname = \"u\"\narrival = " + arrival + "\n[[user.step]]\nhttp = \"GET ${api}/\"\n";
}

Arrival arrival_of(const std::string& arrival)
{
    return parsed(with_arrival(arrival)).users.at(0).arrival;
}

} // namespace

TEST_CASE("a closed model has users and a ramp")
{
    const auto arrival = arrival_of("{ closed = 300, ramp = \"5s\" }");
    const auto& closed = std::get<ClosedArrival>(arrival.model);
    CHECK(closed.users == 300);
    CHECK(closed.ramp == squall::Duration(5s));
    CHECK_FALSE(arrival.is_open());
    CHECK(arrival.place.line == 3);
    CHECK(arrival.place.path == "user[u].arrival");
}

TEST_CASE("an open model has a rate, a distribution and a bound")
{
    const auto arrival = arrival_of("{ rate = \"200/s\", distribution = \"poisson\", max_in_flight = 40 }");
    const auto& open = std::get<RateArrival>(arrival.model);
    CHECK(open.rate.per_second() == 200);
    CHECK(open.distribution == Distribution::poisson);
    CHECK(arrival.max_in_flight == 40);
    CHECK(std::get<RateArrival>(arrival_of("{ rate = \"1/s\" }").model).distribution == Distribution::constant);
}

TEST_CASE("stages are of users or of rates")
{
    const auto users = arrival_of("{ stages = [{ for = \"10s\", users = 100 }, { for = \"5s\", users = 0 }] }");
    const auto& staged = std::get<StagedUsers>(users.model).stages;
    REQUIRE(staged.size() == 2);
    CHECK(staged[0].length == squall::Duration(10s));
    CHECK(staged[0].users == 100);
    CHECK(staged[1].users == 0);
    const auto rates = arrival_of("{ stages = [{ for = \"10s\", rate = \"50/s\" }], distribution = \"poisson\" }");
    CHECK(std::get<StagedRate>(rates.model).stages.at(0).rate.per_second() == 50);
    CHECK(std::get<StagedRate>(rates.model).distribution == Distribution::poisson);
}

TEST_CASE("a spike interrupts a fixed number of users or a rate")
{
    const auto rate = arrival_of("{ rate = \"50/s\", spike = { rate = \"900/s\", at = \"10s\", for = \"5s\" } }");
    const auto& rate_spike = std::get<RateArrival>(rate.model).spike;
    REQUIRE(rate_spike);
    CHECK(rate_spike->rate.per_second() == 900);
    CHECK(rate_spike->at == squall::Duration(10s));
    CHECK(rate_spike->length == squall::Duration(5s));
    const auto users = arrival_of("{ closed = 50, spike = { users = 900, at = \"10s\", for = \"5s\" } }");
    REQUIRE(std::get<ClosedArrival>(users.model).spike);
    CHECK(std::get<ClosedArrival>(users.model).spike->users == 900);
    CHECK(
        problems(with_arrival("{ closed = 5, ramp = \"9s\", spike = { users = 9, at = \"1s\", for = \"5s\" } }")) ==
        Lines{"s.toml:3:64: user[u].arrival.spike.at: the spike begins before the ramp of 9s is over; expected a later "
              "one"});
}

TEST_CASE("a recording is replayed")
{
    const auto arrival = arrival_of("{ replay = \"arrivals.csv\", max_in_flight = 5 }");
    CHECK(std::get<ReplayArrival>(arrival.model).file == "arrivals.csv");
    CHECK(arrival.is_open());
    CHECK(arrival.max_in_flight == 5);
}

TEST_CASE("stages are not mixed, and not empty")
{
    CHECK(problems(with_arrival("{ stages = [{ for = \"1s\", users = 1 }, { for = \"1s\", rate = \"1/s\" }] }")) ==
          Lines{"s.toml:3:50: user[u].arrival.stages[#2]: this stage has a rate and the first has users; expected all "
                "stages of one kind"});
    CHECK(problems(with_arrival("{ stages = [] }")) ==
          Lines{"s.toml:3:22: user[u].arrival.stages: the array is empty; expected at least one stage such as { for = "
                "\"10s\", users = 100 }"});
    CHECK(
        problems(with_arrival("{ stages = [{ for = \"1s\" }] }")) ==
        Lines{"s.toml:3:23: user[u].arrival.stages[#1]: the goal of the stage is missing; expected exactly one of the "
              "keys users, rate"});
    CHECK(problems(with_arrival("{ stages = [{ for = \"1s\", users = 1 }], max_in_flight = 3 }")) ==
          Lines{"s.toml:3:51: user[u].arrival.max_in_flight: does not go together with stages of users; expected only "
                "beside stages of rates"});
}

TEST_CASE("an arrival is of exactly one model and has only that model's keys")
{
    CHECK(problems(with_arrival("{ closed = 1, rate = \"1/s\" }")) ==
          Lines{"s.toml:3:25: user[u].arrival.rate: a second arrival model beside \"closed\"; expected exactly one of "
                "closed, rate, stages, replay"});
    CHECK(problems(with_arrival("{}")) ==
          Lines{"s.toml:3:11: user[u].arrival: the arrival model is missing; expected exactly one of the keys closed, "
                "rate, stages, replay"});
    CHECK(
        problems(with_arrival("{ closed = 1, max_in_flight = 3 }")) ==
        Lines{"s.toml:3:25: user[u].arrival.max_in_flight: does not go together with \"closed\"; expected only beside "
              "rate or stages or replay"});
    CHECK(
        problems(with_arrival("{ rate = \"0/s\" }")) ==
        Lines{"s.toml:3:20: user[u].arrival.rate: the rate is 0, nothing would arrive; expected a rate above 0 such as "
              "\"200/s\""});
}
