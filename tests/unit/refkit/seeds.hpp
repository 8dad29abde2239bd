// Many seeded schedules; SQUALL_TEST_SEED replays the one that failed.
#pragma once

#include "base/random.hpp"
#include "catch.hpp"

#include <cstdlib>
#include <random>
#include <string>

namespace squall::refkit {

/// Calls live(seed) for `schedules` seeds, other ones in every run; for the given one alone when there is one.
template <typename Live>
void for_seeds(std::uint64_t schedules, Live live)
{
    const char* given = std::getenv("SQUALL_TEST_SEED");
    const std::uint64_t first = given != nullptr ? std::stoull(given) : std::random_device{}();
    const std::uint64_t count = given != nullptr ? 1 : schedules;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        INFO("replay with SQUALL_TEST_SEED=" << seed);
        live(seed);
    }
}

/// What is wrong in a schedule, told once: REQUIRE for each of millions of steps would take most of the test's time.
#define SCHEDULE_REQUIRE(expression)                                                                                   \
    do {                                                                                                               \
        if (!(expression)) {                                                                                           \
            FAIL("broken: " #expression);                                                                              \
        }                                                                                                              \
    } while (false)

} // namespace squall::refkit
