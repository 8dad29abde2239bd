#include "measure/histogram.hpp"

#include "base/random.hpp"
#include "measure/histogram_layout.hpp"

#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

using namespace std::chrono_literals;
using squall::Duration;
using squall::Percentile;
using squall::Random;
using squall::measure::Histogram;
namespace layout = squall::measure::layout;

namespace {

using Draw = std::function<Duration(Random&)>;

Duration microseconds(double count)
{
    return Duration(static_cast<Duration::rep>(count * 1000));
}

/// The value of this rank in the sorted list, which the histogram must give back within its precision.
Duration exact_percentile(const std::vector<Duration>& sorted, double percent)
{
    const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(sorted.size()) - 1e-9));
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

void check_percentiles(const Draw& draw, std::uint64_t seed)
{
    Random random(seed);
    Histogram histogram;
    std::vector<Duration> values;
    for (int i = 0; i < 20'000; ++i) {
        values.push_back(draw(random));
        histogram.record(values.back());
    }
    std::sort(values.begin(), values.end());
    CHECK(histogram.count() == values.size());
    CHECK(histogram.min() == values.front());
    CHECK(histogram.max() == values.back());
    for (const double percent : {0.01, 1.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 100.0}) {
        INFO("seed " << seed << ", p" << percent);
        const auto exact = exact_percentile(values, percent).count();
        const auto read = histogram.value_at(Percentile::of(percent)).count();
        // Never under the true value by more than the rounding to µs, never over by more than a sub-bucket.
        CHECK(read >= exact - 500);
        CHECK(static_cast<double>(read) <= static_cast<double>(exact) * 1.001 + 500);
    }
    CHECK(histogram.value_at(Percentile::of(100)) == values.back());
}

} // namespace

TEST_CASE("histogram of durations")
{
    SECTION("an empty one has no extremes and no percentiles")
    {
        const Histogram histogram;
        CHECK(histogram.count() == 0);
        CHECK(histogram.min() == 0ns);
        CHECK(histogram.max() == 0ns);
        CHECK(histogram.mean() == 0ns);
        CHECK(histogram.value_at(Percentile::of(99)) == 0ns);
        CHECK(histogram.count_above(0ns) == 0);
    }
    SECTION("percentiles agree with the sorted values, whatever the distribution")
    {
        check_percentiles([](Random& random) { return microseconds(random.uniform() * 1e6); }, 1);
        check_percentiles([](Random& random) { return microseconds(random.exponential(5000)); }, 2);
        check_percentiles([](Random& random) { return microseconds(std::exp(random.uniform() * 21)); }, 3);
        check_percentiles([](Random& random) { return microseconds(std::pow(random.uniform(), -1.2) * 100); }, 4);
        check_percentiles([](Random& random) { return random.uniform() < 0.95 ? Duration(1ms) : Duration(1s); }, 5);
        check_percentiles([](Random&) { return Duration(123'456'789ns); }, 6);
        check_percentiles([](Random& random) { return Duration(random.between(0, 3000)); }, 7);
    }
    SECTION("a percentile of few values is one of them by rank, not between them")
    {
        Histogram histogram;
        for (int i = 1; i <= 100; ++i) {
            histogram.record(std::chrono::microseconds(i));
        }
        CHECK(histogram.value_at(Percentile::of(99)) == 99us);
        CHECK(histogram.value_at(Percentile::of(99.01)) == 100us);
        CHECK(histogram.value_at(Percentile::of(50)) == 50us);
        CHECK(histogram.value_at(Percentile::of(0.001)) == 1us);
    }
    SECTION("minimum, maximum, sum and mean are exact to the nanosecond")
    {
        Histogram histogram;
        histogram.record(1'234'567ns);
        histogram.record(7'654'321ns);
        CHECK(histogram.min() == 1'234'567ns);
        CHECK(histogram.max() == 7'654'321ns);
        CHECK(histogram.sum() == 8'888'888ns);
        CHECK(histogram.mean() == 4'444'444ns);
        CHECK(histogram.value_at(Percentile::of(100)) == 7'654'321ns);
    }
    SECTION("values are rounded to the nearest µs, and a percentile never leaves the exact extremes")
    {
        Histogram histogram;
        histogram.record(1'400ns);
        CHECK(histogram.value_at(Percentile::of(50)) == 1'400ns);
        histogram.record(10'600ns);
        histogram.record(20us);
        CHECK(histogram.value_at(Percentile::of(10)) == 1'400ns);
        CHECK(histogram.value_at(Percentile::of(50)) == 11us);
    }
    SECTION("a negative duration counts as 0")
    {
        Histogram histogram;
        histogram.record(-5ms);
        CHECK(histogram.count() == 1);
        CHECK(histogram.min() == 0ns);
        CHECK(histogram.max() == 0ns);
        CHECK(histogram.sum() == 0ns);
    }
    SECTION("a value recorded n times weighs n")
    {
        Histogram histogram;
        histogram.record(1ms, 98);
        histogram.record(1s, 2);
        histogram.record(1h, 0);
        CHECK(histogram.count() == 100);
        CHECK(histogram.max() == 1s);
        CHECK(histogram.value_at(Percentile::of(98)).count() == Approx(1e6).epsilon(0.001));
        CHECK(histogram.value_at(Percentile::of(98.5)) == 1s);
        CHECK(histogram.sum() == 98 * 1ms + 2s);
    }
    SECTION("above 1 h a value overflows: it is counted apart, in the percentiles, and in the exact maximum")
    {
        Histogram histogram;
        histogram.record(1ms, 9);
        histogram.record(1h);
        CHECK(histogram.overflow_count() == 0);
        histogram.record(1h + 500ns);
        histogram.record(2h);
        CHECK(histogram.overflow_count() == 2);
        CHECK(histogram.count() == 12);
        CHECK(histogram.max() == 2h);
        CHECK(histogram.value_at(Percentile::of(75)) == 1'000us);
        CHECK(histogram.value_at(Percentile::of(83)).count() == Approx(3.6e12).epsilon(0.001));
        CHECK(histogram.value_at(Percentile::of(90)) == 2h);
        CHECK(histogram.count_above(2ms) == 3);
        CHECK(histogram.count_above(1h) == 2);
        CHECK(histogram.count_above(90min) == 1);
        CHECK(histogram.count_above(2h) == 0);
    }
    SECTION("the longest duration of all is recorded like any other above 1 h")
    {
        Histogram histogram;
        histogram.record(Duration::max(), 3);
        CHECK(histogram.overflow_count() == 3);
        CHECK(histogram.value_at(Percentile::of(50)) == Duration::max());
        CHECK(histogram.sum() == Duration::max());
        Histogram other;
        other.record(Duration::max());
        histogram.add(other);
        CHECK(histogram.sum() == Duration::max());
    }
    SECTION("what lies above a limit is counted without those that share its bucket")
    {
        Histogram histogram;
        for (int i = 1; i <= 1000; ++i) {
            histogram.record(std::chrono::microseconds(i));
        }
        CHECK(histogram.count_above(0ns) == 1000);
        CHECK(histogram.count_above(900us) == 100);
        CHECK(histogram.count_above(1ms) == 0);
        CHECK(histogram.count_above(2h) == 0);
    }
    SECTION("a reset one is like a new one")
    {
        Histogram histogram;
        histogram.record(3s, 7);
        histogram.record(3h);
        histogram.reset();
        CHECK(histogram == Histogram());
        histogram.record(2ms);
        CHECK(histogram.min() == 2ms);
        CHECK(histogram.max() == 2ms);
        CHECK(histogram.overflow_count() == 0);
    }
}

TEST_CASE("a histogram tells all that it keeps apart")
{
    Histogram histogram;
    CHECK(histogram.values().empty());
    histogram.record(5us, 3);
    histogram.record(1234567us);
    histogram.record(2ms, 2);
    histogram.record(2h, 4);
    Histogram again;
    for (const auto& [value, times] : histogram.values()) {
        again.record(value, times);
    }
    REQUIRE(histogram.values().size() == 4);
    CHECK(histogram.values()[0] == std::pair<Duration, std::uint64_t>(5us, 3));
    CHECK(histogram.values()[3] == std::pair<Duration, std::uint64_t>(2h, 4));
    CHECK(again.count() == histogram.count());
    CHECK(again.overflow_count() == 4);
    for (const double percent : {10.0, 50.0, 60.0, 99.0}) {
        CHECK(again.value_at(Percentile::of(percent)) == histogram.value_at(Percentile::of(percent)));
    }
}

TEST_CASE("histograms are merged by addition")
{
    Random random(11);
    std::vector<Histogram> parts(3);
    Histogram whole;
    for (int i = 0; i < 3000; ++i) {
        const auto value = microseconds(std::exp(random.uniform() * 23)); // some above 1 h
        parts[static_cast<std::size_t>(random.between(0, 2))].record(value);
        whole.record(value);
    }
    REQUIRE(whole.overflow_count() > 0);

    SECTION("the sum of the parts is the whole")
    {
        Histogram sum;
        for (const auto& part : parts) {
            sum.add(part);
        }
        CHECK(sum == whole);
    }
    SECTION("in any order and any grouping")
    {
        Histogram forward = parts[0];
        forward.add(parts[1]);
        forward.add(parts[2]);
        Histogram tail = parts[2];
        tail.add(parts[1]);
        Histogram backward = tail;
        backward.add(parts[0]);
        CHECK(forward == backward);
    }
    SECTION("an empty one changes nothing")
    {
        Histogram sum = whole;
        sum.add(Histogram());
        CHECK(sum == whole);
        Histogram empty;
        empty.add(whole);
        CHECK(empty == whole);
    }
    SECTION("two that differ in one value are not equal")
    {
        Histogram other = whole;
        other.record(5ms);
        CHECK(!(other == whole));
    }
}

TEST_CASE("the layout of the histogram's places")
{
    SECTION("every place covers its own values, without gap or overlap, up to 1 h")
    {
        std::int64_t expected = 0;
        for (std::size_t place = 0; place < layout::places; ++place) {
            const auto range = layout::range_of(place);
            REQUIRE(range.lowest == expected);
            REQUIRE(range.highest >= range.lowest);
            REQUIRE(layout::index_of(range.lowest) == place);
            REQUIRE(layout::index_of(range.highest) == place);
            expected = range.highest + 1;
        }
        CHECK(expected > layout::highest_value);
    }
    SECTION("a place is never wider than a thousandth of its values")
    {
        for (std::size_t place = 0; place < layout::places; ++place) {
            const auto range = layout::range_of(place);
            REQUIRE((range.highest - range.lowest) * 1000 <= range.lowest);
        }
    }
}
