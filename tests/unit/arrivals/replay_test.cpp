#include "arrivals/pacer.hpp"

#include "base/random.hpp"

#include "catch.hpp"

#include <algorithm>

using namespace std::chrono_literals;
using squall::Duration;
using squall::arrivals::Pacer;
using squall::arrivals::Replay;

namespace {

std::vector<Duration> replayed(const std::vector<Duration>& recording, Duration length, double scale = 1)
{
    Pacer pacer{Replay(std::make_shared<const std::vector<Duration>>(recording), length, scale)};
    std::vector<Duration> arrivals;
    while (const auto next = pacer.next()) {
        arrivals.push_back(*next);
    }
    CHECK(!pacer.next());
    return arrivals;
}

} // namespace

TEST_CASE("a replay gives what was recorded, to the nanosecond")
{
    squall::Random random(3);
    std::vector<Duration> recording;
    for (int i = 0; i < 10'000; ++i) {
        recording.push_back(Duration(random.between(0, Duration(1h).count())));
    }
    std::sort(recording.begin(), recording.end());
    CHECK(replayed(recording, 2h) == recording);
    SECTION("but nothing at or after the end of the phase")
    {
        const auto cut = replayed(recording, 30min);
        const auto expected = std::count_if(recording.begin(), recording.end(), [](auto at) { return at < 30min; });
        CHECK(cut.size() == static_cast<std::size_t>(expected));
        CHECK(std::equal(cut.begin(), cut.end(), recording.begin()));
    }
    SECTION("a scale multiplies the rate")
    {
        const auto faster = replayed(recording, 2h, 4);
        REQUIRE(faster.size() == recording.size());
        for (std::size_t at = 0; at < faster.size(); ++at) {
            REQUIRE(std::abs(faster[at].count() * 4 - recording[at].count()) <= 2);
        }
    }
}

TEST_CASE("several arrivals at the same instant are all replayed")
{
    CHECK(replayed({0s, 1s, 1s, 1s, 2s}, 2s) == std::vector<Duration>{0s, 1s, 1s, 1s});
    CHECK(replayed({}, 2s).empty());
}
