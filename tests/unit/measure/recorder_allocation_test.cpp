// Recording must not allocate in the steady state: an allocation in the hot path shows as latency that the system
// under test never had. This file replaces the global operator new of the test program to count.
#include "base/random.hpp"
#include "measure/recorder.hpp"

#include "catch.hpp"

#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

namespace {

std::atomic<std::size_t> allocations{0};

void* counted(std::size_t size)
{
    ++allocations;
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

} // namespace

void* operator new(std::size_t size)
{
    return counted(size);
}
void* operator new[](std::size_t size)
{
    return counted(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    ++allocations;
    return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept
{
    ++allocations;
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete[](void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept
{
    std::free(memory);
}

using namespace std::chrono_literals;
using squall::Duration;
using squall::Instant;
using squall::Random;
using squall::measure::ErrorKind;
using squall::measure::Histogram;
using squall::measure::Recorder;
using squall::measure::Sample;

namespace {

std::vector<Sample> samples_of(std::uint64_t seed, int count)
{
    Random random(seed);
    std::vector<Sample> samples;
    for (int i = 0; i < count; ++i) {
        Sample sample;
        sample.step = static_cast<std::uint32_t>(i % 4);
        sample.intended = Instant(1s);
        sample.start = sample.intended + Duration(random.between(0, 1'000'000));
        sample.end = sample.start + Duration(random.between(0, 1'000'000'000));
        sample.error = i % 8 == 0 ? ErrorKind::timeout : ErrorKind::none;
        sample.status = static_cast<std::uint16_t>(i % 8 == 4 ? 404 : 200);
        samples.push_back(sample);
    }
    return samples;
}

} // namespace

TEST_CASE("recording in the steady state allocates nothing")
{
    SECTION("the count sees an allocation")
    {
        const auto before = allocations.load();
        const std::vector<int> some(100);
        CHECK(allocations.load() > before);
        CHECK(some.size() == 100);
    }
    SECTION("a histogram with room never grows")
    {
        Histogram histogram;
        histogram.reserve(10s);
        const auto before = allocations.load();
        for (int i = 0; i <= 10'000; ++i) {
            histogram.record(i * 1ms);
        }
        histogram.record(2h);
        histogram.reset();
        histogram.record(10s);
        const auto after = allocations.load();
        CHECK(after == before);
    }
    SECTION("a recorder that has seen such samples records them again without growing, also after a take")
    {
        Recorder recorder(4);
        const auto samples = samples_of(1, 4000);
        for (const auto& sample : samples) {
            recorder.begun(sample.step, sample.start - sample.intended);
            recorder.record(sample);
        }
        const auto taken = recorder.take();
        const auto before = allocations.load();
        for (const auto& sample : samples) {
            recorder.begun(sample.step, sample.start - sample.intended);
            recorder.record(sample);
            recorder.iteration_started();
            recorder.iteration_completed();
        }
        const auto after = allocations.load();
        CHECK(after == before);
        CHECK(taken.steps[0].requests == 1000);
    }
}
