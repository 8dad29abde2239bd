#include "catch.hpp"
#include "integration/canned_http.hpp"
#include "integration/readings.hpp"
#include "integration/servers.hpp"
#include "probes/http_json.hpp"
#include "probes/prometheus.hpp"

using namespace squall;
using namespace squall::testing;
using namespace squall::probes;
using namespace std::chrono_literals;

TEST_CASE("JSON gauges come over HTTP")
{
    asio::io_context io;
    CannedHttp http(io, CannedHttp::ok(R"({"pool": {"acquired": 7}})"));
    const auto made = make_http_json_probe("pool", http.url("/debug/pool-status"), {{"in_use", "/pool/acquired"}});
    REQUIRE(made.has_value());
    CHECK(values_of(read(io, **made)) == Values{{"pool.in_use", 7}});

    SECTION("a status of failure is one, whatever the body")
    {
        http.answer("HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\n{}");
        const auto reading = read(io, **made);
        REQUIRE(reading.failure.has_value());
        CHECK(reading.failure->find("500") != std::string::npos);
    }
    SECTION("a port that never answers ends a reading at its deadline")
    {
        const SilentServer silent;
        const auto mute = make_http_json_probe("pool", fmt::format("http://127.0.0.1:{}/", silent.port()), {});
        REQUIRE(mute.has_value());
        CHECK(read(io, **mute, 50ms).failure.has_value());
    }
}

TEST_CASE("Prometheus gauges come over HTTP")
{
    asio::io_context io;
    CannedHttp http(io, CannedHttp::ok("pool_in_use{pool=\"a\"} 3\npool_in_use{pool=\"b\"} 4\nup 1\n", "text/plain"));
    const auto made = make_prometheus_probe(
        "api", http.url("/metrics"), {{"a", "pool_in_use{pool=\"a\"}"}, {"all", "pool_in_use"}, {"none", "absent"}});
    REQUIRE(made.has_value());
    const auto reading = read(io, **made);
    CHECK(values_of(reading) == Values{{"api.a", 3}, {"api.all", 7}});
    REQUIRE(reading.failure.has_value());
    CHECK(*reading.failure == "api.none: no series matches absent");
}

TEST_CASE("parts of a Prometheus gauge come by one of its labels, and one that is gone reads 0")
{
    asio::io_context io;
    CannedHttp http(io, CannedHttp::ok("pool_in_use{pool=\"a\"} 3\npool_in_use{pool=\"b\"} 4\npool_in_use 1\n"
                                       "pool_in_use{pool=\"c\"} NaN\n",
                                       "text/plain"));
    const auto made = make_prometheus_probe("api", http.url("/metrics"), {{"used", "pool_in_use by (pool)"}});
    REQUIRE(made.has_value());
    CHECK(values_of(read(io, **made)) ==
          Values{{"api.used", 8}, {"api.used{pool=a}", 3}, {"api.used{pool=b}", 4}, {"api.used{pool=none}", 1}});
    http.answer(CannedHttp::ok("pool_in_use{pool=\"b\"} 2\n", "text/plain"));
    CHECK(values_of(read(io, **made)) ==
          Values{{"api.used", 2}, {"api.used{pool=a}", 0}, {"api.used{pool=b}", 2}, {"api.used{pool=none}", 0}});
}

TEST_CASE("a page that says when its process began gives that as the start")
{
    asio::io_context io;
    CannedHttp http(io, CannedHttp::ok("up 1\nprocess_start_time_seconds 1.7e+09\n", "text/plain"));
    const auto made = make_prometheus_probe("api", http.url("/metrics"), {{"up", "up"}});
    REQUIRE(made.has_value());
    CHECK(values_of(read(io, **made)) == Values{{"api.up", 1}, {"api.started_at", 1.7e9}});

    SECTION("of several processes it is none")
    {
        http.answer(CannedHttp::ok("up 1\nprocess_start_time_seconds{pid=\"1\"} 5\n"
                                   "process_start_time_seconds{pid=\"2\"} 6\n",
                                   "text/plain"));
        CHECK(values_of(read(io, **made)) == Values{{"api.up", 1}});
    }
}
