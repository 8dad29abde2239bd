#include "base/time.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;
using squall::Duration;
using squall::format_duration;
using squall::parse_duration;

TEST_CASE("durations")
{
    SECTION("every unit is read")
    {
        CHECK(parse_duration("7ns").value() == 7ns);
        CHECK(parse_duration("40us").value() == 40us);
        CHECK(parse_duration("250ms").value() == 250ms);
        CHECK(parse_duration("1.5s").value() == 1500ms);
        CHECK(parse_duration("2m").value() == 2min);
        CHECK(parse_duration("1h").value() == 1h);
        CHECK(parse_duration("3d").value() == 72h);
        CHECK(parse_duration("0s").value() == 0ns);
    }
    SECTION("sums fall from large to small")
    {
        CHECK(parse_duration("1m30s").value() == 90s);
        CHECK(parse_duration("1h2m3s4ms").value() == 3723004ms);
        CHECK(parse_duration("30s1m").has_error());
        CHECK(parse_duration("1s1s").has_error());
    }
    SECTION("what is no duration is refused and named, with the way out")
    {
        for (const auto* text : {"", "10", "10 s", "s", "-5s", "10sec", "1e3s", "20000d"}) {
            INFO(text);
            const auto parsed = parse_duration(text);
            REQUIRE(parsed.has_error());
            CHECK(parsed.error().message.find("\"250ms\"") != std::string::npos);
        }
        CHECK(parse_duration("10sec").error().message.find("unknown unit \"sec\"") != std::string::npos);
        CHECK(parse_duration("10").error().message.find("it has no unit") != std::string::npos);
    }
    SECTION("printed with three significant digits")
    {
        CHECK(format_duration(250ms) == "250ms");
        CHECK(format_duration(1234us) == "1.23ms");
        CHECK(format_duration(1500ms) == "1.50s");
        CHECK(format_duration(90s) == "1m 30s");
        CHECK(format_duration(2min) == "2m");
        CHECK(format_duration(1h + 40min) == "1h 40m");
        CHECK(format_duration(-5ms) == "-5ms");
    }
}
