// Sheds calls while memory is short. How memory is read is passed in; two readers stand below.
#pragma once

#include "base/quantity.hpp"
#include "refkit/clock_reader.hpp"
#include "refkit/limiter/limiter_params.hpp"
#include "refkit/rejection.hpp"
#include "refkit/striped_counter.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace squall::refkit {

struct MemoryUse {
    ByteCount used;
    ByteCount limit;
};
/// Nothing when it cannot be told, or when there is no limit. One that throws has failed. Called by one thread at a
/// time.
using MemoryReader = std::function<std::optional<MemoryUse>()>;

struct PressureStats {
    bool shedding = false;
    std::uint64_t admitted = 0;
    std::uint64_t rejected = 0;
    std::uint64_t readings = 0;
    std::uint64_t failed_readings = 0; // nothing is shed for want of a reading
};

/// Thread-safe. A check costs one reading of the clock and no read-modify-write; once an interval one of the threads
/// reads the memory, the others go by what was read before.
class PressureShedder {
public:
    /// Throws std::invalid_argument when check(params) finds something broken or there is no reader.
    PressureShedder(PressureParams params, MemoryReader reader, std::shared_ptr<const Clock> clock);

    /// Admitted, or shed with the time until the next reading.
    [[nodiscard]] Admission<void> try_acquire();
    [[nodiscard]] PressureStats stats() const;

private:
    enum Counter : std::size_t { admissions, rejections, counters };
    void read_memory();

    PressureParams params_;
    MemoryReader reader_;
    ClockReader clock_;
    std::atomic<bool> shedding_{false};
    std::atomic<Instant::rep> next_reading_;
    std::atomic<bool> reading_{false};
    std::atomic<std::uint64_t> readings_{0};
    std::atomic<std::uint64_t> failed_readings_{0};
    StripedCounters<counters> counts_;
};

/// The resident memory of this process against `limit` (/proc/self/statm).
[[nodiscard]] MemoryReader process_memory(ByteCount limit);
/// A cgroup v2 against its own limit: memory.current and memory.max in `directory`, the inactive page cache, which the
/// kernel gives back first, taken off (memory.stat).
[[nodiscard]] MemoryReader cgroup_memory(std::string directory);

/// The second number of /proc/…/statm, which counts pages of `page` bytes.
[[nodiscard]] std::optional<ByteCount> resident_of_statm(std::string_view text, ByteCount page);
/// From the three files' text; nothing when the limit is "max" or one cannot be read.
[[nodiscard]] std::optional<MemoryUse> use_of_cgroup(std::string_view current, std::string_view max,
                                                     std::string_view stat);

} // namespace squall::refkit
