#include "probes/http_json.hpp"

#include "catch.hpp"

using namespace squall::probes;

TEST_CASE("gauges are read out of a JSON document")
{
    const std::string body = R"({"acquired": 7, "max": 1e2, "open": true, "closed": false, "waiting": [1, 2, 3],
                                 "a/b": {"m~n": -1}, "text": "5", "nothing": null, "pools": [{"used": 3}]})";
    const auto value = [&body](const std::string& pointer) -> std::optional<double> {
        const auto reading = read_json_gauges("pool", body, {{"g", pointer}});
        CHECK(reading.failure.has_value() == reading.gauges.empty());
        if (reading.gauges.empty()) {
            return std::nullopt;
        }
        CHECK(reading.gauges[0].name == "pool.g");
        return reading.gauges[0].value;
    };
    CHECK(value("/acquired") == 7.0);
    CHECK(value("/max") == 100.0);
    CHECK(value("/open") == 1.0);
    CHECK(value("/closed") == 0.0);
    CHECK(value("/waiting") == 3.0);
    CHECK(value("/a~1b/m~0n") == -1.0);
    CHECK(value("/pools/0/used") == 3.0);
    CHECK_FALSE(value("/text").has_value());
    CHECK_FALSE(value("/nothing").has_value());
    CHECK_FALSE(value("/absent").has_value());
    CHECK_FALSE(value("/pools/9/used").has_value());
    CHECK_FALSE(value("").has_value());

    SECTION("a gauge that fails leaves the others alone")
    {
        const auto reading = read_json_gauges("pool", body, {{"in_use", "/acquired"}, {"lost", "/absent"}});
        REQUIRE(reading.gauges.size() == 1);
        CHECK(reading.gauges[0].name == "pool.in_use");
        REQUIRE(reading.failure.has_value());
        CHECK(reading.failure->find("pool.lost") != std::string::npos);
        CHECK(reading.failure->find("/absent") != std::string::npos);
    }
}

TEST_CASE("what is no JSON is a failure")
{
    for (const std::string body : {"", "<html>", "{\"a\":", "{\"a\": NaN}", "{} {}"}) {
        CAPTURE(body);
        CHECK(read_json_gauges("x", body, {{"g", "/a"}}).failure.has_value());
    }
}

TEST_CASE("a malformed URL or pointer is refused when the probe is made")
{
    CHECK(make_http_json_probe("x", "http://h/", {{"g", "/a~0b"}}).has_value());
    CHECK(make_http_json_probe("x", "h/", {{"g", "/a"}}).has_error());
    for (const std::string pointer : {"a", "/a~", "/a~2"}) {
        const auto made = make_http_json_probe("x", "http://h/", {{"g", pointer}});
        REQUIRE(made.has_error());
        CHECK(made.error().message.find("\"" + pointer + "\"") != std::string::npos);
    }
}
