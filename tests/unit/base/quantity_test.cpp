#include "base/quantity.hpp"

#include "catch.hpp"

using namespace squall;

TEST_CASE("rates")
{
    SECTION("a count per time, whatever the time")
    {
        CHECK(parse_rate("200/s").value().per_second() == Approx(200));
        CHECK(parse_rate("90/m").value().per_second() == Approx(1.5));
        CHECK(parse_rate("3600/h").value().per_second() == Approx(1));
        CHECK(parse_rate("5/ms").value().per_second() == Approx(5000));
    }
    SECTION("anything else is refused")
    {
        for (const auto* text : {"", "200", "/s", "200/", "200/fortnight", "-1/s", "200 /s"}) {
            INFO(text);
            CHECK(parse_rate(text).has_error());
        }
    }
    SECTION("printed with thousands")
    {
        CHECK(format_rate(Rate::per_second(12345)) == "12,345/s");
        CHECK(format_rate(Rate::per_second(0.5)) == "0.50/s");
    }
}

TEST_CASE("shares")
{
    CHECK(parse_ratio("0.1%").value().value() == Approx(0.001));
    CHECK(parse_ratio("100%").value().value() == 1);
    CHECK(parse_ratio("0.25").value().value() == Approx(0.25));
    CHECK(parse_ratio("101%").has_error());
    CHECK(parse_ratio("2").has_error());
    CHECK(parse_ratio("5 percent").has_error());
    CHECK(format_ratio(Ratio::of(0.0012)) == "0.12%");
}

TEST_CASE("sizes")
{
    CHECK(parse_bytes("512B").value().bytes == 512);
    CHECK(parse_bytes("10KB").value().bytes == 10'000);
    CHECK(parse_bytes("64MiB").value().bytes == 64ULL << 20U);
    CHECK(parse_bytes("1.5GiB").value().bytes == 3ULL << 29U);
    CHECK(parse_bytes("64").has_error());
    CHECK(parse_bytes("64mb").has_error());
    CHECK(format_bytes({64ULL << 20U}) == "64.0 MiB");
}
