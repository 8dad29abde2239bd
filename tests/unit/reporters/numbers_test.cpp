#include "catch.hpp"

#include "reporters/numbers.hpp"
#include "reporters/sparkline.hpp"

#include <limits>

namespace squall::reporters {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr double endless = std::numeric_limits<double>::infinity();

} // namespace

TEST_CASE("latencies have three digits and a unit")
{
    CHECK(latency_text(0) == "0s");
    CHECK(latency_text(1e-6) == "1.0µs");
    CHECK(latency_text(850e-6) == "850µs");
    CHECK(latency_text(0.9994e-3) == "999µs");
    CHECK(latency_text(0.9996e-3) == "1.00ms");
    CHECK(latency_text(3.12e-3) == "3.12ms");
    CHECK(latency_text(9.996e-3) == "10.0ms");
    CHECK(latency_text(41e-3) == "41.0ms");
    CHECK(latency_text(0.412) == "412ms");
    CHECK(latency_text(0.9997) == "1.00s");
    CHECK(latency_text(2) == "2.00s");
    CHECK(latency_text(59.96) == "1m");
    CHECK(latency_text(125) == "2m 5s");
    CHECK(latency_text(-0.002) == "-2.00ms");
    CHECK(latency_text(unknown) == "–");
}

TEST_CASE("lengths of time are without a needless fraction")
{
    CHECK(seconds_text(45) == "45s");
    CHECK(seconds_text(23.4) == "23.4s");
    CHECK(seconds_text(0.412) == "412ms");
    CHECK(seconds_text(62) == "1m 2s");
}

TEST_CASE("counts, rates, shares, sizes")
{
    CHECK(count_text(18240) == "18,240");
    CHECK(amount_text(14960) == "14,960");
    CHECK(amount_text(14960.5) == "15,000");
    CHECK(amount_text(0.25) == "0.25");
    CHECK(amount_text(-1500) == "-1,500");
    CHECK(amount_text(1e20) == "1e+20");
    CHECK(amount_text(unknown) == "–");
    CHECK(rate_text(405.33) == "405/s");
    CHECK(rate_text(12345) == "12,345/s");
    CHECK(rate_text(unknown) == "–");
    CHECK(rate_text(-1) == "–");
    CHECK(share_text(0.02363) == "2.36%");
    CHECK(share_text(0) == "0%");
    CHECK(share_text(unknown) == "–");
    CHECK(bytes_text(43.2 * 1024 * 1024) == "43.2 MiB");
    CHECK(bytes_text(-1536) == "-1.5 KiB");
    CHECK(bytes_text(endless) == "–");
    CHECK(plural(1, "request") == "1 request");
    CHECK(plural(1200, "request") == "1,200 requests");
    CHECK(clock_text(7.9) == "0:07");
    CHECK(clock_text(3723) == "1:02:03");
}

TEST_CASE("changes read as percentages, from ten times on as factors")
{
    CHECK(change_text(0.25) == "+25%");
    CHECK(change_text(0.031) == "+3.1%");
    CHECK(change_text(-0.82) == "−82%");
    CHECK(change_text(-1) == "−100%");
    CHECK(change_text(0.0001) == "0%");
    CHECK(change_text(11.34) == "×12.3");
    CHECK(change_text(endless) == "–");
}

TEST_CASE("estimates carry their interval and no more than three digits")
{
    CHECK(estimate_text({187, 161.2, 215.8}, "") == "187 [161–216]");
    CHECK(estimate_text({14960, 12896, 17264}, "") == "15,000 [12,900–17,300]");
    CHECK(estimate_text({3, 0.6, {}}, "") == "3 [0.60–∞]");
    CHECK(estimate_text({1048576, -1048576, 3145728}, "bytes") == "1.0 MiB [-1.0 MiB to 3.0 MiB]");
}

TEST_CASE("numbers of a gauge and of a comparison stand in their unit")
{
    CHECK(gauge_text(217, "") == "217");
    CHECK(gauge_text(0.5, "cores") == "0.50 cores");
    CHECK(gauge_text(1048576, "bytes") == "1.0 MiB");
    CHECK(gauge_text(0.25, "seconds") == "250ms");
    CHECK(unit_text(0.0196, result::Unit::seconds) == "19.6ms");
    CHECK(unit_text(1048576, result::Unit::bytes) == "1.0 MiB");
    CHECK(unit_text(0.5, result::Unit::share) == "50%");
    CHECK(unit_text(405, result::Unit::per_second) == "405/s");
    CHECK(unit_text(14960, result::Unit::per_hour) == "15,000/h");
    CHECK(unit_text(10.25, result::Unit::per_1000_operations) == "10.2 per 1,000");
    CHECK(unit_text(187, result::Unit::count) == "187");
}

TEST_CASE("a series becomes bars")
{
    CHECK(sparkline({0, 1, 2, 3, 4, 5, 6, 7}, 8) == "▁▂▃▄▅▆▇█");
    CHECK(sparkline({0, 0, 0}, 8) == "▁▁▁");
    CHECK(sparkline({100, 100}, 8) == "██");      // measured from 0, not from the lowest value
    CHECK(sparkline({100, 107}, 8, 100) == "▁█"); // unless the caller says so
    CHECK(sparkline({-7, 0}, 8) == "▁█");
    CHECK(sparkline({0, 7, 0, 0}, 2) == "█▁"); // a peak survives the thinning
    CHECK(sparkline({1, unknown, endless, 1}, 8) == "██");
    CHECK(sparkline({1}, 8).empty());
    CHECK(sparkline({1, 2}, 0).empty());
}

} // namespace squall::reporters
