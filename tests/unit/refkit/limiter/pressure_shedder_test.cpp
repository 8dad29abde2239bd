#include "refkit/limiter/pressure_shedder.hpp"

#include "unit/refkit/allocations.hpp"
#include "unit/refkit/seeds.hpp"

#include <stdexcept>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

struct Fixture {
    explicit Fixture(PressureParams params = {})
        : shedder(
              params,
              [this]() -> std::optional<MemoryUse> {
                  ++readings;
                  if (throws) {
                      throw std::bad_alloc();
                  }
                  return use;
              },
              clock)
    {
        clock->advance(1h);
    }

    /// What a call meets after the next reading.
    bool sheds_at(std::uint64_t percent)
    {
        use = MemoryUse{{percent}, {100}};
        clock->advance(100ms);
        return shedder.try_acquire().has_error();
    }

    std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
    std::optional<MemoryUse> use = MemoryUse{{0}, {100}};
    bool throws = false;
    int readings = 0;
    PressureShedder shedder;
};

} // namespace

TEST_CASE("calls are shed from one share of memory on until it is back to a lower one")
{
    Fixture test;
    CHECK_FALSE(test.sheds_at(89));
    CHECK(test.sheds_at(90));
    CHECK(test.sheds_at(86));
    CHECK_FALSE(test.sheds_at(85));
    CHECK_FALSE(test.sheds_at(89));
    CHECK(test.sheds_at(200));
    CHECK(test.shedder.stats().shedding);
    CHECK(test.shedder.stats().rejected == 3);
    CHECK(test.shedder.stats().admitted == 3);
}

TEST_CASE("memory is read once an interval, and a refusal tells when next")
{
    Fixture test;
    CHECK(test.sheds_at(95));
    test.use = MemoryUse{{0}, {100}};
    for (int i = 0; i < 10; ++i) {
        test.clock->advance(5ms);
        const auto refused = test.shedder.try_acquire();
        REQUIRE(refused.has_error());
        CHECK(refused.error().code() == Errc::shed);
        CHECK(refused.error().retry_after == Duration(100ms - (i + 1) * 5ms));
    }
    CHECK(test.readings == 1);
    test.clock->advance(50ms);
    CHECK(test.shedder.try_acquire().has_value());
    CHECK(test.readings == 2);
}

TEST_CASE("for want of a reading nothing is shed")
{
    Fixture test;
    CHECK(test.sheds_at(95));
    test.clock->advance(100ms);
    SECTION("there is none")
    {
        test.use.reset();
    }
    SECTION("it throws")
    {
        test.throws = true;
    }
    SECTION("there is no limit")
    {
        test.use = MemoryUse{{95}, {0}};
    }
    CHECK(test.shedder.try_acquire().has_value());
    CHECK(test.shedder.stats().failed_readings == 1);
    test.throws = false;
    CHECK(test.sheds_at(95)); // and the next reading counts again
}

TEST_CASE("a clock that jumps back does not put off the next reading")
{
    Fixture test;
    CHECK(test.sheds_at(95));
    test.use = MemoryUse{{0}, {100}};
    test.clock->advance(-30min);
    CHECK(test.shedder.try_acquire().has_value());
}

TEST_CASE("shedding allocates nothing, and threads share one reading")
{
    const auto clock = std::make_shared<ManualClock>();
    std::atomic<int> readings{0};
    PressureShedder shedder(
        {},
        [&]() -> std::optional<MemoryUse> {
            ++readings;
            return MemoryUse{{95}, {100}};
        },
        clock);
    const auto before = allocations_of_this_thread();
    for (int i = 0; i < 1000; ++i) {
        (void)shedder.try_acquire();
    }
    CHECK(allocations_of_this_thread() == before);
    std::vector<std::thread> running;
    for (int thread = 0; thread < 4; ++thread) {
        running.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) {
                (void)shedder.try_acquire();
            }
        });
    }
    for (auto& thread : running) {
        thread.join();
    }
    CHECK(readings == 1);
    CHECK(shedder.stats().rejected == 5000);
}

TEST_CASE("memory is read from the system's own texts")
{
    CHECK(resident_of_statm("1000 250 30 4 0 5 0\n", {4096})->bytes == 250 * 4096);
    CHECK_FALSE(resident_of_statm("", {4096}).has_value());
    CHECK_FALSE(resident_of_statm("1000 x 30", {4096}).has_value());
    const auto use = use_of_cgroup("5000\n", "10000\n", "anon 1\nfile 3000\ninactive_file 2000\nactive_file 1000\n");
    REQUIRE(use.has_value());
    CHECK(use->used.bytes == 3000);
    CHECK(use->limit.bytes == 10000);
    CHECK(use_of_cgroup("5000", "10000", "")->used.bytes == 5000);
    CHECK(use_of_cgroup("5000", "10000", "inactive_file 6000")->used.bytes == 0);
    CHECK_FALSE(use_of_cgroup("5000", "max", "").has_value());
    CHECK_FALSE(use_of_cgroup("", "10000", "").has_value());
    const auto own = process_memory({1ULL << 40})();
    REQUIRE(own.has_value());
    CHECK(own->used.bytes > 1'000'000);
    CHECK(own->used.bytes < own->limit.bytes);
    CHECK_FALSE(cgroup_memory("/nowhere")().has_value());
}

TEST_CASE("parameters of a pressure shedder that make no sense are refused")
{
    const auto reader = [] { return std::optional<MemoryUse>(); };
    const auto clock = std::make_shared<ManualClock>();
    const auto broken = [&](PressureParams params) {
        CHECK_THROWS_AS(PressureShedder(params, reader, clock), std::invalid_argument);
        return !check(params).has_value();
    };
    CHECK(check(PressureParams{}).has_value());
    CHECK(broken({Ratio::of(0.9), Ratio::of(0.9), 1s}));
    CHECK(broken({Ratio::of(0), Ratio::of(0), 1s}));
    CHECK(broken({Ratio::of(0.9), Ratio::of(0.8), 0s}));
    CHECK_THROWS_AS(PressureShedder({}, nullptr, clock), std::invalid_argument);
}

} // namespace squall::refkit
