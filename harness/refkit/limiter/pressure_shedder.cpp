#include "refkit/limiter/pressure_shedder.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace squall::refkit {

namespace {

/// Where memory is short, reading how short may fail too.
std::optional<MemoryUse> read_safely(const MemoryReader& reader)
{
    try {
        return reader();
    } catch (...) {
        return std::nullopt;
    }
}

} // namespace

Result<void> check(const PressureParams& params)
{
    if (params.interval <= Duration::zero()) {
        return fail("pressure shedder: the interval must be longer than 0");
    }
    if (params.shed_at.value() <= 0) {
        return fail("pressure shedder: shed_at must be above 0, or nothing would ever pass");
    }
    if (params.resume_at >= params.shed_at) {
        return fail("pressure shedder: resume_at must be below shed_at, or it would flap");
    }
    return {};
}

PressureShedder::PressureShedder(PressureParams params, MemoryReader reader, std::shared_ptr<const Clock> clock)
    : params_((require_valid(check(params)), params)),
      reader_(std::move(reader)),
      clock_(std::move(clock)),
      next_reading_(std::numeric_limits<Instant::rep>::min())
{
    require_valid(reader_ ? Result<void>() : fail("pressure shedder: there is no reader of the memory"));
}

Admission<void> PressureShedder::try_acquire()
{
    const auto now = clock_.now().time_since_epoch().count();
    const auto interval = params_.interval.count();
    auto next = next_reading_.load(std::memory_order_relaxed);
    // Due, or so far ahead that the clock must have jumped back. Whoever claims the reading does it.
    const bool due = now >= next || next - interval > now;
    if (due && !reading_.exchange(true, std::memory_order_acquire)) {
        next = now + interval;
        next_reading_.store(next, std::memory_order_relaxed);
        read_memory();
        reading_.store(false, std::memory_order_release);
    }
    if (!shedding_.load(std::memory_order_relaxed)) {
        counts_.count(admissions);
        return {};
    }
    counts_.count(rejections);
    return rejected<void>(Errc::shed, Duration(std::clamp(next, now, now + interval) - now));
}

void PressureShedder::read_memory()
{
    readings_.fetch_add(1, std::memory_order_relaxed);
    const auto use = read_safely(reader_);
    if (!use || use->limit.bytes == 0) {
        failed_readings_.fetch_add(1, std::memory_order_relaxed);
        shedding_.store(false, std::memory_order_relaxed);
        return;
    }
    const auto share = static_cast<double>(use->used.bytes) / static_cast<double>(use->limit.bytes);
    if (share >= params_.shed_at.value()) {
        shedding_.store(true, std::memory_order_relaxed);
    } else if (share <= params_.resume_at.value()) {
        shedding_.store(false, std::memory_order_relaxed);
    }
}

PressureStats PressureShedder::stats() const
{
    return {shedding_.load(std::memory_order_relaxed), counts_.value(admissions), counts_.value(rejections),
            readings_.load(std::memory_order_relaxed), failed_readings_.load(std::memory_order_relaxed)};
}

} // namespace squall::refkit
