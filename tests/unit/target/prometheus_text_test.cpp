#include "catch.hpp"
#include "target/prometheus_text.hpp"

using namespace squall::target;

TEST_CASE("samples are written as the Prometheus text format wants them")
{
    PrometheusText out;
    out.single("pool_waiters", "gauge", "Callers\nwaiting.", 3);
    out.family("http_requests_total", "counter", "Requests.");
    out.sample("http_requests_total", {{"route", "/a\"b\\c\n"}, {"status", "200"}}, 2.5);
    CHECK(out.text() == "# HELP pool_waiters Callers\\nwaiting.\n"
                        "# TYPE pool_waiters gauge\n"
                        "pool_waiters 3\n"
                        "# HELP http_requests_total Requests.\n"
                        "# TYPE http_requests_total counter\n"
                        "http_requests_total{route=\"/a\\\"b\\\\c\\n\",status=\"200\"} 2.5\n");
}

TEST_CASE("counts keep every digit")
{
    PrometheusText out;
    out.sample("a", {}, 12345678901.0);
    CHECK(out.text() == "a 12345678901\n");
}
