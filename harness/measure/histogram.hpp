// High dynamic range histogram of durations: 1 µs to 1 h with three significant digits.
//
// The layout is HdrHistogram's (Gil Tene; http://hdrhistogram.org): buckets whose width doubles, each cut into 2048
// sub-buckets, so that every value is kept within 0.1 %. The encoded form is its "V2 compressed" format.
#pragma once

#include "base/quantity.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::measure {

/// Values are recorded in µs (rounded to nearest); minimum, maximum and sum are exact. Above 1 h a value is counted in
/// the overflow bucket, which percentiles see as the exact maximum. A negative value is recorded as 0, and a sum that
/// passes 292 years stays there. Histograms are merged by addition only. Not thread-safe.
class Histogram {
public:
    static constexpr Duration highest = std::chrono::hours(1);

    /// Allocates only when a value is larger than all before; see reserve().
    void record(Duration value);
    void record(Duration value, std::uint64_t times);
    /// After this no record() of a value up to `largest` allocates.
    void reserve(Duration largest);
    void add(const Histogram& other);
    /// Empty again; keeps its memory.
    void reset();

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::uint64_t overflow_count() const { return overflow_; }
    /// 0 for an empty histogram, as the following.
    [[nodiscard]] Duration min() const { return count_ == 0 ? Duration::zero() : min_; }
    [[nodiscard]] Duration max() const { return max_; }
    [[nodiscard]] Duration mean() const;
    [[nodiscard]] Duration sum() const { return sum_; }
    /// The highest value equivalent to the one at this rank (as HdrHistogram's getValueAtPercentile), within min() and
    /// max(); the last rank is max() itself.
    [[nodiscard]] Duration value_at(Percentile percentile) const;
    /// Recorded values that are certainly above `limit`.
    [[nodiscard]] std::uint64_t count_above(Duration limit) const;

    /// What is kept apart, and how often it was recorded: ascending, each the highest of its equivalents as value_at()
    /// gives it. The overflow counts as the maximum.
    [[nodiscard]] std::vector<std::pair<Duration, std::uint64_t>> values() const;

    /// HdrHistogram V2 compressed, base64, unit µs. Overflow and the exact extremes have no place in that format.
    [[nodiscard]] std::string encode() const;
    /// Any V2 compressed histogram from 1 µs with 3 digits. Minimum and maximum are the ends of their buckets, and the
    /// sum takes each value as the middle of its own. Errors say what is wrong; memory stays bounded.
    [[nodiscard]] static Result<Histogram> decode(std::string_view text);

    /// Restores what encode() cannot carry; used by the journal.
    void set_exact(Duration min, Duration max, Duration sum, std::uint64_t overflow);

    bool operator==(const Histogram& other) const;

private:
    /// Counts read back for one place of the layout.
    void restore(std::size_t place, std::uint64_t times);
    [[nodiscard]] static Result<Histogram> counts_from(std::string_view payload);

    std::vector<std::uint64_t> counts_;
    std::uint64_t count_ = 0; // with overflow
    std::uint64_t overflow_ = 0;
    Duration min_ = Duration::max();
    Duration max_{};
    Duration sum_{};
};

} // namespace squall::measure
