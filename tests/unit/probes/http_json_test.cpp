#include "probes/http_json.hpp"

#include "catch.hpp"
#include "probes/json_gauges.hpp"

using namespace squall::probes;

namespace {

ProbeReading read_json_gauges(const std::string& name, std::string_view body,
                              const std::map<std::string, std::string>& gauges)
{
    auto made = JsonGauges::make(name, gauges);
    REQUIRE(made.has_value());
    return made->read(body);
}

std::map<std::string, double> values_of(const ProbeReading& reading)
{
    std::map<std::string, double> values;
    for (const auto& gauge : reading.gauges) {
        values[gauge.name] = gauge.value;
    }
    return values;
}

} // namespace

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

TEST_CASE("a star stands for every member or element, and their sum for the whole")
{
    auto made = JsonGauges::make("pool", {{"open", "/direct/sites/*/open"}}, "site");
    REQUIRE(made.has_value());
    const auto read = [&made](const std::string& sites) {
        return made->read(R"({"direct": {"sites": )" + sites + "}}");
    };
    const auto both = read(R"({"login.cpp:33": {"open": 4}, "meals.cpp:7": {"open": 1}})");
    CHECK_FALSE(both.failure.has_value());
    CHECK(values_of(both) == std::map<std::string, double>{{"pool.open", 5},
                                                           {"pool.open{site=login.cpp:33}", 4},
                                                           {"pool.open{site=meals.cpp:7}", 1}});
    SECTION("a member that is gone reads 0")
    {
        const auto one = read(R"({"meals.cpp:7": {"open": 2}})");
        CHECK(values_of(one).at("pool.open{site=login.cpp:33}") == 0);
        CHECK(values_of(one).at("pool.open") == 2);
    }
    SECTION("of nothing the sum is 0, of what is not there it is absent")
    {
        CHECK(values_of(read("{}")).at("pool.open") == 0);
        const auto absent = made->read("{}");
        CHECK(absent.gauges.empty());
        CHECK(absent.failure == "pool.open: there is nothing at \"/direct/sites/*/open\"");
    }
    SECTION("members without the rest of the way are left out, unless all are")
    {
        CHECK(values_of(read(R"({"a": {"open": 3}, "b": {}, "c": 5})")).at("pool.open") == 3);
        CHECK(read(R"({"b": {}})").gauges.empty());
    }
    SECTION("one part that is no number leaves no sum that looks like all")
    {
        const auto odd = read(R"({"a": {"open": 3}, "b": {"open": "many"}})");
        CHECK(odd.gauges.empty());
        CHECK(odd.failure->find("at \"b\" stands \"many\"") != std::string::npos);
        // and the next good one has not counted the bad one's parts
        CHECK(values_of(read(R"({"a": {"open": 3}})")).at("pool.open{site=a}") == 3);
    }
    SECTION("a number has no members")
    {
        CHECK(read("7").failure->find("members") != std::string::npos);
    }
}

TEST_CASE("several stars, arrays and ten thousand members")
{
    auto made = JsonGauges::make("x", {{"g", "/*/*"}});
    REQUIRE(made.has_value());
    CHECK(values_of(made->read(R"({"a": [1, 2], "b": {"c": 4}})")) ==
          std::map<std::string, double>{{"x.g", 7}, {"x.g{key=a/0}", 1}, {"x.g{key=a/1}", 2}, {"x.g{key=b/c}", 4}});

    auto many = JsonGauges::make("x", {{"g", "/*"}});
    std::string body = "{";
    for (int peer = 0; peer < 10'000; ++peer) {
        body += (peer > 0 ? ",\"p" : "\"p") + std::to_string(peer) + "\":1";
    }
    const auto values = values_of(many->read(body + "}"));
    CHECK(values.at("x.g") == 10'000);
    CHECK(values.size() == 22); // the sum, 20 parts and the rest
    CHECK(values.at("x.g{key=other}") == 9'980);
}

TEST_CASE("odd numbers are values or absent, never 0")
{
    const std::string body = R"({"huge": 18446744073709551615, "below": -7.5, "beyond": 1e400, "text": "NaN"})";
    const auto reading =
        read_json_gauges("x", body, {{"huge", "/huge"}, {"below", "/below"}, {"beyond", "/beyond"}, {"text", "/text"}});
    CHECK(values_of(reading) == std::map<std::string, double>{{"x.huge", 18446744073709551615.0}, {"x.below", -7.5}});
    REQUIRE(reading.failure.has_value());
    CHECK(reading.failure->find("x.beyond") != std::string::npos);
    CHECK(reading.failure->find("x.text") != std::string::npos);
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
