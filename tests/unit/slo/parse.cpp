#include "slo/check.hpp"

#include "catch.hpp"

namespace squall::slo {
namespace {

Check parsed(std::string_view text)
{
    const auto check = parse(text);
    INFO(text << ": " << (check ? "" : check.error().message));
    REQUIRE(check.has_value());
    return *check;
}

void refused(std::string_view text, std::size_t column, std::string_view message)
{
    const auto check = parse(text);
    INFO(text);
    REQUIRE_FALSE(check.has_value());
    CHECK(check.error().message == message);
    CHECK(check.error().column == column);
}

} // namespace

TEST_CASE("latency expressions are read with step, aggregation and bound")
{
    const auto plain = parsed("response_time.p99 < 500ms");
    CHECK(plain.metric == Metric::response_time);
    CHECK(plain.selector.empty());
    CHECK(plain.aggregation == Aggregation::percentile);
    CHECK(plain.percentile == 99);
    CHECK(plain.comparator == Comparator::less);
    CHECK(plain.bound == Approx(0.5));
    CHECK(plain.unit == BoundUnit::seconds);
    CHECK(plain.bound_text == "500ms");

    const auto step = parsed("  service_time[ login ].p99.9<=1.5s ");
    CHECK(step.metric == Metric::service_time);
    CHECK(step.selector == "login");
    CHECK(step.selector_column == 16);
    CHECK(step.percentile == Approx(99.9));
    CHECK(step.comparator == Comparator::less_or_equal);
    CHECK(step.bound == Approx(1.5));
    CHECK(step.expression == "service_time[ login ].p99.9<=1.5s");

    CHECK(parsed("send_lag.max < 10ms").aggregation == Aggregation::max);
    CHECK(parsed("response_time.mean < 10ms").aggregation == Aggregation::mean);
    CHECK(parsed("response_time.min > 1us").aggregation == Aggregation::min);
    CHECK(parsed("response_time[GET /meals].p50 < 1s").selector == "GET /meals");
    CHECK(parsed("response_time[GET /meals?a[b]=c].p50 < 1s").selector == "GET /meals?a[b]=c");
}

TEST_CASE("shares, counts and rates have their own bounds")
{
    CHECK(parsed("error_rate < 0.1%").bound == Approx(0.001));
    CHECK(parsed("error_rate[login] < 0.001").bound == Approx(0.001));
    CHECK(parsed("errors[timeout] == 0").selector == "timeout");
    CHECK(parsed("errors == 0").bound == 0);
    CHECK(parsed("requests > 100").bound == 100);
    CHECK(parsed("dropped == 0").metric == Metric::dropped);
    CHECK(parsed("throughput[login] > 90/m").bound == Approx(1.5));
    CHECK(parsed("throughput > 50/s").unit == BoundUnit::per_second);
}

TEST_CASE("every comparison is read")
{
    CHECK(parsed("requests < 1").comparator == Comparator::less);
    CHECK(parsed("requests <= 1").comparator == Comparator::less_or_equal);
    CHECK(parsed("requests > 1").comparator == Comparator::greater);
    CHECK(parsed("requests >= 1").comparator == Comparator::greater_or_equal);
    CHECK(parsed("requests == 1").comparator == Comparator::equal);
    CHECK(parsed("requests != 1").comparator == Comparator::not_equal);
    CHECK(parsed("requests>=1").comparator == Comparator::greater_or_equal);
}

TEST_CASE("leaks have a pace, and may have to be proven")
{
    const auto hourly = parsed("leak[postgres.connections] < 1/h");
    CHECK(hourly.metric == Metric::leak);
    CHECK(hourly.selector == "postgres.connections");
    CHECK(hourly.unit == BoundUnit::per_hour);
    CHECK(hourly.bound == 1);
    CHECK_FALSE(hourly.certified);
    CHECK(parsed("leak[postgres.connections] < 1/h certified").certified);
    CHECK(parsed("leak[target.fds] <= 0.5/1000ops").unit == BoundUnit::per_1000_operations);
    CHECK(parsed("leak[target.rss] < 10MiB/h").bound == 10.0 * 1024 * 1024);
}

TEST_CASE("gauges may be divided, labelled and held against sizes")
{
    const auto share = parsed("gauge[pool.in_use/pool.max].max < 80%");
    CHECK(share.selector == "pool.in_use");
    CHECK(share.divisor == "pool.max");
    CHECK(share.divisor_column == 18);
    CHECK(share.unit == BoundUnit::share);
    CHECK(share.bound == Approx(0.8));
    CHECK(parsed("gauge[a/b].max < 1.2").unit == BoundUnit::share);
    CHECK(parsed("gauge[a/b].max < 150%").bound == Approx(1.5));

    const auto labelled = parsed("gauge[postgres.connections{application=a/b}/pool.max].mean < 1");
    CHECK(labelled.selector == "postgres.connections{application=a/b}");
    CHECK(labelled.divisor == "pool.max");

    CHECK(parsed("gauge[postgres.connections].max <= 120").bound == 120);
    CHECK(parsed("gauge[target.rss].growth < 50MiB").unit == BoundUnit::bytes);
    CHECK(parsed("gauge[target.rss].growth < 50MiB").aggregation == Aggregation::growth);
    CHECK(parsed("gauge[x].last == 0").aggregation == Aggregation::last);
    CHECK(parsed("gauge[x].min > 0").aggregation == Aggregation::min);
}

TEST_CASE("late answers are counted by their step")
{
    CHECK(parsed("lost_responses == 0").metric == Metric::lost_responses);
    const auto recovered = parsed("recovered_responses[chat] > 10");
    CHECK(recovered.metric == Metric::recovered_responses);
    CHECK(recovered.selector == "chat");
    CHECK(recovered.bound == 10);
}

TEST_CASE("an unknown metric is named with its place and what is near")
{
    refused("respons_time.p99 < 500ms", 0, "unknown metric \"respons_time\"; did you mean \"response_time\"?");
    refused("  gouge[x].max < 1", 2, "unknown metric \"gouge\"; did you mean \"gauge\"?");
    const std::string all = "known: response_time, service_time, send_lag, error_rate, errors, requests, throughput, "
                            "dropped, lost_responses, recovered_responses, leak, gauge";
    refused("recovery < 5min", 0, "unknown metric \"recovery\"; " + all);
    refused("", 0, "expected a metric; " + all);
    refused("< 5", 0, "expected a metric; " + all);
}

TEST_CASE("an aggregation that is missing, misspelt or out of place is refused where it stands")
{
    refused("response_time < 500ms", 14, "response_time needs an aggregation behind it: p99, mean, min, max");
    refused("response_time.man < 500ms", 14, "unknown aggregation \"man\"; did you mean \"mean\"?");
    refused("response_time.p0 < 500ms", 14, "\"p0\" is no percentile; above p0, at most p100, as p99 or p99.9");
    refused("response_time.p101 < 500ms", 14, "\"p101\" is no percentile; above p0, at most p100, as p99 or p99.9");
    refused("gauge[x].grwth < 5", 9, "unknown aggregation \"grwth\"; did you mean \"growth\"?");
    refused("gauge[a/b].growth < 5%", 11, "a share of two gauges has no growth; name one gauge");
    refused("error_rate.p99 < 5%", 10, "error_rate takes no \".p99\"");
}

TEST_CASE("brackets are checked")
{
    refused("response_time[login.p99 < 1s", 13, "this \"[\" is never closed");
    refused("response_time[ ].p99 < 1s", 13, "there is no name in the brackets");
    refused("dropped[login] == 0", 7, "dropped takes no name in brackets");
    refused("leak < 1/h", 5, "expected \"[\" and the name of a gauge, as in leak[postgres.connections]");
    refused("gauge[a/].max < 1", 7, "a share needs a gauge on either side of \"/\"");
    refused("leak[a/b] < 1/h", 6, "a share of two gauges cannot leak; name one gauge");
}

TEST_CASE("comparisons are checked")
{
    refused("requests = 5", 9, "to compare for equality write \"==\"");
    refused("requests 5", 9, "expected a comparison: < <= > >= == !=");
    refused("requests", 8, "expected a comparison: < <= > >= == !=");
    refused("leak[x] > 1/h", 8, "a leak can only be shown to be small: use < or <=, not >");
}

TEST_CASE("a unit that does not fit is refused with what does")
{
    const std::string a_time = "; response_time is held against a time such as 500ms";
    refused("response_time.p99 < 5%", 20, "\"5%\" is no time" + a_time);
    refused("response_time.p99 < 500", 20, "500 has no unit" + a_time);
    refused("response_time.p99 < 500mss", 20, "\"500mss\" is no time" + a_time);
    refused("response_time.p99 <", 19, "expected a time such as 500ms");
    refused("error_rate < 5ms", 13, "\"5ms\" is no share; error_rate is held against a share such as 0.1%");
    refused("error_rate < 5", 13, "\"5\" is no share; error_rate is held against a share such as 0.1%");
    refused("requests > 5/s", 11, "\"5/s\" is no number; requests is held against a number such as 100");
    refused("throughput > 50", 13, "50 has no unit; throughput is held against a rate such as 50/s");
    const std::string a_pace = "; leak is held against a pace such as 1/h or 2/1000ops, of memory 10MiB/h";
    refused("leak[x] < 1", 10, "\"1\" does not say over what" + a_pace);
    refused("leak[x] < 1/s", 10, "\"1/s\" does not say over what" + a_pace);
    refused("leak[target.rss] < 1/h", 19, "\"1\" is no size, and the gauge is memory" + a_pace);
    refused("leak[target.fds] < 1MiB/h", 19, "\"1MiB\" is no number, and the gauge is a count" + a_pace);
    const std::string a_level = "; gauge is held against a number such as 120, or a size such as 50MiB";
    refused(
        "gauge[x].max < 80%", 15,
        "80% of what? A share needs two gauges, gauge[in_use/max]; a gauge that is a share itself is held against a "
        "number such as 0.8" +
            a_level);
    refused("gauge[x].max < 5s", 15, "\"5s\" does not fit" + a_level);
    refused("gauge[a/b].max < 5MiB", 17, "\"5MiB\" does not fit; gauge is held against a share such as 80%");
}

TEST_CASE("nothing may stand behind the bound but certified, and that only for leaks")
{
    refused("requests > 5 certified", 13, "unexpected \"certified\" behind the bound");
    refused("leak[x] < 1/h certifed", 14, "unexpected \"certifed\" behind the bound; did you mean \"certified\"?");
    refused("leak[x] < 1/h certified now", 14,
            "unexpected \"certified now\" behind the bound; did you mean \"certified\"?");
}

TEST_CASE("any bytes at all are refused, never worse")
{
    for (const auto* text : {"\xff\xfe", "gauge[", "gauge[]", "gauge[x", "leak[{/}]<1/h", "response_time[a]]].p99 < 1s",
                             "response_time.", "response_time.p", "requests>99999999999999999999999999999999999x"}) {
        const auto check = parse(text);
        INFO(text);
        if (!check) {
            CHECK_FALSE(check.error().message.empty());
            CHECK(check.error().column <= std::string_view(text).size());
        }
    }
}

TEST_CASE("over gives the length of a window, where a worst window has a sense")
{
    CHECK(parsed("response_time.p99 < 500ms over 10s").over == std::chrono::seconds(10));
    CHECK(parsed("throughput[login] >= 5/s  over  1m30s ").over == std::chrono::seconds(90));
    CHECK_FALSE(parsed("response_time.p99 < 500ms").over);
    CHECK(parsed("dropped < 5 over 10s").bound == 5);

    refused("leak[x] < 1/h over 10s", 14, "a leak is what is still held after the whole load; it has no \"over\"");
    refused("gauge[x].max < 5 over 10s", 17,
            "\"over\" is for what requests do (response_time, error_rate, throughput, …), not for a gauge, whose .max "
            "and .min look at every reading already");
    refused("errors == 0 over 10s", 12, "with == no window is the worst; use < <= > or >=, or leave \"over\" out");
    refused("error_rate < 1% over", 20,
            "there is no length behind \"over\"; expected the length of a window, at least 1s, as in \"over 10s\"");
    refused("error_rate < 1% over ten", 21,
            "\"ten\" is no time; expected the length of a window, at least 1s, as in \"over 10s\"");
    refused("error_rate < 1% over 100ms", 21,
            "100ms is shorter than a second, and results are kept by the second; expected the length of a window, at "
            "least 1s, as in \"over 10s\"");
    refused("error_rate < 1% ovr 10s", 16, "unexpected \"ovr 10s\" behind the bound; did you mean \"over\"?");
}

TEST_CASE("what can still come true, or is known only later, cannot end a load early")
{
    const auto can = [](std::string_view text) { return !why_it_cannot_abort(parsed(text)); };
    CHECK(can("error_rate < 5%"));
    CHECK(can("throughput > 5/s"));
    CHECK(can("errors == 0"));
    CHECK(can("requests > 5 over 10s"));
    CHECK_FALSE(can("requests > 5"));
    CHECK_FALSE(can("errors == 3"));
    CHECK_FALSE(can("leak[x] < 1/h"));
    CHECK_FALSE(can("gauge[x].max < 5"));
}

TEST_CASE("names are checked against those that the run will have")
{
    const std::vector<std::string> steps{"login", "meals"};
    const std::vector<std::string> gauges{"postgres.", "pool.in_use", "pool.max", "target."};
    const auto check = [&](std::string_view text) { return check_names(parsed(text), steps, gauges); };
    const auto message = [&](std::string_view text) { return check(text).value_or(Mistake{}).message; };

    CHECK_FALSE(check("response_time[login].p99 < 1s"));
    CHECK_FALSE(check("response_time.p99 < 1s"));
    CHECK_FALSE(check("leak[postgres.connections] < 1/h"));
    CHECK_FALSE(check("gauge[postgres.connections{user=x}].max < 9"));
    CHECK_FALSE(check("gauge[pool.in_use{part=read}/pool.max].max < 9"));
    CHECK_FALSE(check("errors[timeout] == 0"));
    CHECK_FALSE(check("dropped == 0"));

    const auto step = check("response_time[logn].p99 < 1s");
    REQUIRE(step);
    CHECK(step->column == 14);
    CHECK(step->message == "unknown step \"logn\"; did you mean \"login\"?");
    CHECK(message("throughput[chat] > 1/s") == "unknown step \"chat\"; known: login, meals");

    const auto gauge = check("gauge[pool.in_use/pool.mux].max < 80%");
    REQUIRE(gauge);
    CHECK(gauge->column == 18);
    CHECK(gauge->message == "unknown gauge \"pool.mux\"; did you mean \"pool.max\"?");
    CHECK(message("leak[postgrs.connections] < 1/h") ==
          "unknown gauge \"postgrs.connections\"; did you mean \"postgres.connections\"?");
    CHECK(message("leak[kafka.lag] < 1/h") ==
          "unknown gauge \"kafka.lag\"; known: postgres.*, pool.in_use, pool.max, target.*");
    CHECK_FALSE(message("leak[postgres.] < 1/h").empty());

    CHECK(message("errors[timeot] == 0") == "unknown kind of error \"timeot\"; did you mean \"timeout\"?");
    CHECK(message("errors[login] == 0") ==
          "errors[…] takes a kind of error, and \"login\" is a step; for a step use error_rate[login]");
    CHECK(check("errors[none] == 0"));
}

TEST_CASE("comparisons hold as they read, at the bound itself too")
{
    CHECK(holds(1, Comparator::less, 2));
    CHECK_FALSE(holds(2, Comparator::less, 2));
    CHECK(holds(2, Comparator::less_or_equal, 2));
    CHECK(holds(3, Comparator::greater, 2));
    CHECK_FALSE(holds(2, Comparator::greater, 2));
    CHECK(holds(2, Comparator::greater_or_equal, 2));
    CHECK(holds(2, Comparator::equal, 2));
    CHECK_FALSE(holds(2, Comparator::not_equal, 2));
}

} // namespace squall::slo
