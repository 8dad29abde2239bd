#include "analysis/ratchet.hpp"

#include "catch.hpp"

#include <vector>

namespace squall::analysis {
namespace {

std::vector<Exposure> minutes()
{
    std::vector<Exposure> doses;
    for (const double dose : ratchet_doses) {
        doses.push_back({dose / 60, dose * 30'000});
    }
    return doses;
}

/// Six cycles that each keep so much.
Ratchet judge(const std::vector<double>& kept, RatchetInput input = {})
{
    std::vector<double> levels;
    double level = 12;
    input.baseline = level;
    for (const double amount : kept) {
        levels.push_back(level += amount);
    }
    const auto doses = minutes();
    input.levels = levels;
    input.doses = doses;
    const double total = level - input.baseline;
    input.residual_low = input.kind == GaugeKind::memory ? total - 1e6 : garwood_interval(std::max(total, 0.0)).low;
    return judge_ratchet(input);
}

} // namespace

TEST_CASE("what each cycle keeps in proportion to its dose is confirmed, with the pooled rate")
{
    const auto ratchet = judge({30, 28, 33, 31, 26, 242});
    CHECK(ratchet.verdict == LeakVerdict::confirmed);
    CHECK(ratchet.records);
    CHECK(ratchet.per_hour->value == Approx(390 * 60 / 13.0));
    CHECK(ratchet.per_hour->low == Approx(garwood_interval(390).low * 60 / 13));
    CHECK(ratchet.per_1000_operations->value == Approx(1));
    // The limit of the method is told: 0.65 of 390,000 operations.
    CHECK_THAT(ratchet.why, Catch::Contains("more than 253,500 operations to fill looks the same"));
}

TEST_CASE("one cycle of the five that keeps nothing stands against a leak")
{
    CHECK(judge({30, 0, 33, 31, 26, 242}).verdict == LeakVerdict::retained);
    CHECK(judge({30, 31, -2, 31, 26, 242}).verdict == LeakVerdict::retained);
}

TEST_CASE("what slows down fills")
{
    const auto ratchet = judge({97, 50, 26, 13, 7, 7});
    CHECK(ratchet.verdict == LeakVerdict::filling);
    CHECK(ratchet.filling_p < 0.005);
    CHECK(judge({10, 11, 9, 10, 8, 60}).filling_p > 0.005);
}

TEST_CASE("nothing kept is no leak, whatever the levels do between")
{
    CHECK(judge({0, 0, 0, 0, 0, 0}).verdict == LeakVerdict::no_leak);
    CHECK(judge({5, -5, 5, -5, 5, -5}).verdict == LeakVerdict::no_leak);
    CHECK(judge({-1, -1, -1, -1, -1, -1}).verdict == LeakVerdict::no_leak);
}

TEST_CASE("a leak that comes in batches has the wider interval of its cycles")
{
    const auto even = judge({40, 41, 39, 40, 42, 320});
    const auto batches = judge({80, 1, 79, 2, 41, 319});
    const auto width = [](const Ratchet& ratchet) { return *ratchet.per_hour->high - ratchet.per_hour->low; };
    CHECK(width(batches) > 3 * width(even));
}

TEST_CASE("memory by its own rules")
{
    const double mebi = 1024 * 1024;
    RatchetInput input;
    input.kind = GaugeKind::memory;
    const std::vector<double> even{2 * mebi, 2.1 * mebi, 1.9 * mebi, 2 * mebi, 2.2 * mebi, 16 * mebi};
    CHECK(judge(even, input).verdict == LeakVerdict::confirmed);
    input.collected = false;
    CHECK(judge(even, input).verdict == LeakVerdict::suspected);
    CHECK(judge({9 * mebi, 5 * mebi, 3 * mebi, 2 * mebi, 1 * mebi, 3 * mebi}, input).verdict == LeakVerdict::filling);
}

TEST_CASE("fewer than six settled levels are not judged")
{
    RatchetInput input;
    const std::vector<double> levels{12, 13};
    input.levels = levels;
    CHECK(judge_ratchet(input).verdict == LeakVerdict::not_enough_data);
    CHECK(judge_ratchet(input).why == "2 of 6 cycles settled");
}

} // namespace squall::analysis
