#include "refkit/clock_reader.hpp"

#include "catch.hpp"

using namespace squall;
using namespace std::chrono_literals;
using refkit::ClockReader;

TEST_CASE("the cheap reading of the system's clock is of a moment ago", "[refkit]")
{
    const ClockReader reader(std::make_shared<SteadyClock>());
    const auto before = std::chrono::steady_clock::now();
    const auto rough = reader.roughly_now();
    const auto after = std::chrono::steady_clock::now();
    CHECK(rough >= before - 20ms);
    CHECK(rough <= after);
    CHECK(reader.now() >= after);
}

TEST_CASE("any other clock is read as it is", "[refkit]")
{
    const auto clock = std::make_shared<ManualClock>();
    const ClockReader reader(clock);
    clock->advance(1234567ns);
    CHECK(reader.roughly_now() == clock->now());
    CHECK(reader.now() == clock->now());
}
