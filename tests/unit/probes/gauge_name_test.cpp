#include "probes/gauge_name.hpp"

#include "catch.hpp"

using namespace squall::probes;

namespace {

std::map<std::string, double> taken(Breakdown& breakdown)
{
    std::vector<GaugeReading> readings;
    breakdown.take(readings);
    std::map<std::string, double> values;
    for (const auto& reading : readings) {
        values[reading.name] += reading.value;
    }
    return values;
}

using Values = std::map<std::string, double>;

} // namespace

TEST_CASE("an expected part reads 0 before it is ever seen")
{
    Breakdown parts("api.locks", "type", 2);
    parts.expect({"posix", "flock"});
    parts.add("posix", 3);
    parts.add("lease");
    std::vector<GaugeReading> readings;
    parts.take(readings);
    REQUIRE(readings.size() == 3);
    CHECK(readings[0].name == "api.locks{type=flock}");
    CHECK(readings[0].value == 0);
    CHECK(readings[1].value == 3);
    CHECK(readings[2].name == "api.locks{type=other}");
}

TEST_CASE("a label's value can be written in an SLO expression")
{
    CHECK(labelled("pg.connections", "application", "api") == "pg.connections{application=api}");
    CHECK(labelled("x", "state", "idle in transaction") == "x{state=idle_in_transaction}");
    CHECK(labelled("x", "name", "a{b}[c]\"d',e\n") == "x{name=a_b__c__d__e_}");
    CHECK(labelled("x", "name", "") == "x{name=none}");
    CHECK(labelled("x", "peer", "[::1]:80") == "x{peer=_::1_:80}");
    CHECK(labelled("x", "name", "naïve") == "x{name=naïve}");
}

TEST_CASE("a breakdown counts by value")
{
    Breakdown breakdown("g", "l", 2);
    breakdown.add("a");
    breakdown.add("a");
    breakdown.add("b", 5);
    CHECK(taken(breakdown) == Values{{"g{l=a}", 2}, {"g{l=b}", 5}});

    SECTION("a value that is gone reads 0 instead of standing still")
    {
        breakdown.add("b");
        CHECK(taken(breakdown) == Values{{"g{l=a}", 0}, {"g{l=b}", 1}});
    }
    SECTION("beyond the limit the rest is other, and no count is lost")
    {
        breakdown.add("c", 3);
        breakdown.add("d", 4);
        breakdown.add("a");
        CHECK(taken(breakdown) == Values{{"g{l=a}", 1}, {"g{l=b}", 0}, {"g{l=other}", 7}});
        CHECK(taken(breakdown) == Values{{"g{l=a}", 0}, {"g{l=b}", 0}, {"g{l=other}", 0}});
    }
}
