#include "probes/prometheus_text.hpp"

#include "catch.hpp"

#include <cmath>

using namespace squall::probes;

namespace {

/// The sum that a selector finds on a page; nothing when no series matches.
std::optional<double> sum(const std::string& page, const std::string& selector)
{
    const auto parsed = parse_selector(selector);
    REQUIRE(parsed.has_value());
    return sum_of(*parsed, parse_prometheus(page).samples);
}

// The example of the format's own documentation.
const std::string documented = R"(# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# A histogram, which has a pretty complex representation in the text format:
# HELP http_request_duration_seconds A histogram of the request duration.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320
)";

} // namespace

TEST_CASE("the documentation's own page is read whole")
{
    const auto page = parse_prometheus(documented);
    CHECK_FALSE(page.problem.has_value());
    REQUIRE(page.samples.size() == 9);
    CHECK(page.samples[2].labels.at("path") == "C:\\DIR\\FILE.TXT");
    CHECK(page.samples[2].labels.at("error") == "Cannot find file:\n\"FILE.TXT\"");
    CHECK(page.samples[2].value == 1458255915.0);
    CHECK(std::isinf(page.samples[4].value));
}

TEST_CASE("a selector sums the series that match")
{
    CHECK(sum(documented, "http_requests_total") == 1030.0);
    CHECK(sum(documented, "http_requests_total{code=\"400\"}") == 3.0);
    CHECK(sum(documented, " http_requests_total { code = \"200\" , method=\"post\", } ") == 1027.0);
    CHECK(sum(documented, "{le=\"0.05\"}") == 24054.0);
    CHECK_FALSE(sum(documented, "http_requests_total{code=\"500\"}").has_value());
    CHECK_FALSE(sum(documented, "http_requests").has_value());

    SECTION("an empty value matches a series without the label")
    {
        CHECK(sum("m{a=\"1\"} 1\nm 2\n", "m{a=\"\"}") == 2.0);
    }
    SECTION("NaN and infinities are left out, and alone are no series")
    {
        CHECK(sum("m 1\nm{a=\"b\"} NaN\nm{a=\"c\"} -Inf\n", "m") == 1.0);
        CHECK_FALSE(sum(documented, "something_weird").has_value());
    }
}

TEST_CASE("hard lines")
{
    const auto one = [](const std::string& text) {
        const auto page = parse_prometheus(text);
        CAPTURE(text);
        CHECK_FALSE(page.problem.has_value());
        REQUIRE(page.samples.size() == 1);
        return page.samples[0];
    };
    CHECK(one("m 1").value == 1);                     // no newline at the end
    CHECK(one("m\t \t2 \r\n").value == 2);            // tabs and CRLF
    CHECK(one("  m 3").value == 3);                   // leading blanks
    CHECK(one("m{} 4").labels.empty());               // empty braces
    CHECK(one("m{a=\"\"}5").value == 5);              // no blank before the value
    CHECK(one("m{a=\"}\"} 6").labels.at("a") == "}"); // a brace in a value
    CHECK(one("m{a=\",b=\\\"\"} 7").labels.at("a") == ",b=\"");
    CHECK(one("m{a=\"\\\\\"} 8").labels.at("a") == "\\"); // ends in an escaped backslash
    CHECK(one("m{a=\"\\x\"} 9").labels.at("a") == "\\x"); // an escape that is none
    CHECK(one("m{a=\"# no comment\"} 1").labels.size() == 1);
    CHECK(one("a:b:c 1").metric == "a:b:c");
    CHECK(one("_m 1").metric == "_m");
    CHECK(one("m{a=\"héllo\"} 1").labels.at("a") == "héllo");
    CHECK(one("m -1.5E-3").value == -0.0015);
    CHECK(one("m +2").value == 2);
    CHECK(one("m .5").value == 0.5);
    CHECK(std::isnan(one("m nan").value));
    CHECK(std::isinf(one("m -INF").value));
    CHECK(std::isinf(one("m 1e999").value));
    CHECK(one("m 1e-999").value == 0);
}

TEST_CASE("a broken line is named by its number and spoils no other")
{
    for (const std::string broken : {"m", "m{", "m{a} 1", "m{a=} 1", "m{a=\"x} 1", "m{a=\"x\" 1", "m{a=\"x\",,} 1",
                                     "m one", "m 1 2 3", "m 1 soon", "1m 1", "{a=\"x\"} 1", "m{1a=\"x\"} 1", "m 1x",
                                     "m{a:b=\"x\"} 1", "m{a=\"1\",a=\"2\"} 1", "m-n 1", "m +-1", "<html>"}) {
        CAPTURE(broken);
        const auto page = parse_prometheus("good 1\n" + broken + "\nbetter 2\n");
        REQUIRE(page.problem.has_value());
        CHECK(page.problem->starts_with("line 2 "));
        CHECK(page.samples.size() == 2);
    }
}

TEST_CASE("no prefix of a page is too short to be read")
{
    for (std::size_t length = 0; length <= documented.size(); ++length) {
        CHECK(parse_prometheus(documented.substr(0, length)).samples.size() <= 10);
    }
}

TEST_CASE("a malformed selector is an error that shows it")
{
    for (const std::string text : {"", "{}", "m{", "m{a}", "m{a=b}", "m{a=~\"b\"}", "m n", "m{a=\"b\"}x", "5m"}) {
        CAPTURE(text);
        const auto selector = parse_selector(text);
        REQUIRE(selector.has_error());
        CHECK(selector.error().message.find("\"" + text + "\"") != std::string::npos);
    }
}

TEST_CASE("a selector may ask for its parts by one label")
{
    for (const std::string text : {"pool_in_use by (pool)", "pool_in_use by(pool)", " pool_in_use  by ( pool ) "}) {
        CAPTURE(text);
        const auto selector = parse_selector(text);
        REQUIRE(selector.has_value());
        CHECK(selector->metric == "pool_in_use");
        CHECK(selector->by == "pool");
    }
    const auto with_labels = parse_selector("m{state=\"used\"} by (pool)");
    REQUIRE(with_labels.has_value());
    CHECK(with_labels->labels == Labels{{"state", "used"}});
    CHECK(with_labels->by == "pool");
    CHECK(parse_selector("by")->metric == "by");
    CHECK(parse_selector("m")->by.empty());
    for (const std::string text : {"m by", "m by pool", "m by ()", "m by (a, b)", "m by (a", "m by (a) b", "by (a)"}) {
        CAPTURE(text);
        CHECK(parse_selector(text).has_error());
    }
}

TEST_CASE("a sum beyond all bounds is none")
{
    const auto page = parse_prometheus("m{a=\"1\"} 1e308\nm{a=\"2\"} 1e308\n");
    CHECK_FALSE(sum_of(*parse_selector("m"), page.samples).has_value());
    CHECK(sum_of(*parse_selector("m{a=\"1\"}"), page.samples) == 1e308);
}
