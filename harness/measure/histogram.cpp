#include "measure/histogram.hpp"

#include "measure/histogram_layout.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace squall::measure {
namespace {

std::int64_t to_microseconds(Duration value)
{
    const auto nanoseconds = std::max(value, Duration::zero()).count();
    return nanoseconds / 1000 + (nanoseconds % 1000 >= 500 ? 1 : 0);
}

/// Sums of what a damaged or foreign histogram claims may pass 64 bits: they stop at the largest duration.
Duration saturating_sum(Duration sum, Duration value, std::uint64_t times)
{
    __extension__ using Wide = __int128;
    const Wide total = static_cast<Wide>(sum.count()) + static_cast<Wide>(value.count()) * static_cast<Wide>(times);
    return Duration(static_cast<Duration::rep>(std::min<Wide>(total, std::numeric_limits<Duration::rep>::max())));
}

Duration from_microseconds(std::int64_t value)
{
    return std::chrono::microseconds(value);
}

} // namespace

void Histogram::record(Duration value)
{
    // Short for what is common; the rest is the other overload's.
    const auto place = layout::index_of(std::min(to_microseconds(value), layout::highest_value));
    if (place >= counts_.size() || value > highest || value < Duration::zero() || sum_ > Duration::max() - highest) {
        record(value, 1);
        return;
    }
    ++count_;
    ++counts_[place];
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
    sum_ += value;
}

void Histogram::record(Duration value, std::uint64_t times)
{
    if (times == 0) {
        return;
    }
    value = std::max(value, Duration::zero());
    const std::int64_t microseconds = to_microseconds(value);
    count_ += times;
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
    sum_ = saturating_sum(sum_, value, times);
    if (microseconds > layout::highest_value) {
        overflow_ += times;
        return;
    }
    const auto place = layout::index_of(microseconds);
    if (place >= counts_.size()) {
        counts_.resize(place + 1);
    }
    counts_[place] += times;
}

void Histogram::reserve(Duration largest)
{
    const auto place = layout::index_of(std::min(to_microseconds(largest), layout::highest_value));
    counts_.resize(std::max(counts_.size(), place + 1));
}

void Histogram::add(const Histogram& other)
{
    if (other.count_ == 0) {
        return;
    }
    counts_.resize(std::max(counts_.size(), other.counts_.size()));
    for (std::size_t place = 0; place < other.counts_.size(); ++place) {
        counts_[place] += other.counts_[place];
    }
    count_ += other.count_;
    overflow_ += other.overflow_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
    sum_ = saturating_sum(sum_, other.sum_, 1);
}

void Histogram::reset()
{
    std::fill(counts_.begin(), counts_.end(), 0);
    count_ = 0;
    overflow_ = 0;
    min_ = Duration::max();
    max_ = {};
    sum_ = {};
}

Duration Histogram::mean() const
{
    return count_ == 0 ? Duration::zero() : sum_ / static_cast<Duration::rep>(count_);
}

void Histogram::restore(std::size_t place, std::uint64_t times)
{
    counts_.resize(std::max(counts_.size(), place + 1));
    counts_[place] += times;
    count_ += times;
    const auto range = layout::range_of(place);
    min_ = std::min(min_, from_microseconds(range.lowest));
    max_ = std::max(max_, std::min<Duration>(from_microseconds(range.highest), highest));
    sum_ = saturating_sum(sum_, from_microseconds((range.lowest + range.highest + 1) / 2), times);
}

Duration Histogram::value_at(Percentile percentile) const
{
    if (count_ == 0) {
        return Duration::zero();
    }
    const double exact = percentile.percent() / 100 * static_cast<double>(count_);
    // A hair is taken off so that 99 % of 100 values is the 99th although 0.99 has no exact binary form.
    const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(exact - exact * 1e-12)));
    std::uint64_t seen = 0;
    for (std::size_t place = 0; place < counts_.size() && rank < count_; ++place) {
        seen += counts_[place];
        if (seen >= rank) {
            return std::clamp(from_microseconds(layout::range_of(place).highest), min_, max_);
        }
    }
    return max_; // the last rank, and those in the overflow bucket
}

std::uint64_t Histogram::count_above(Duration limit) const
{
    if (limit > highest) {
        return max_ > limit ? 1 : 0; // of the others in the overflow bucket only the 1 h is certain
    }
    const auto above = layout::index_of(to_microseconds(limit)) + 1;
    std::uint64_t total = overflow_;
    for (std::size_t place = above; place < counts_.size(); ++place) {
        total += counts_[place];
    }
    return total;
}

std::vector<std::pair<Duration, std::uint64_t>> Histogram::values() const
{
    std::vector<std::pair<Duration, std::uint64_t>> all;
    for (std::size_t place = 0; place < counts_.size(); ++place) {
        if (counts_[place] > 0) {
            const auto highest_of_it = from_microseconds(layout::range_of(place).highest);
            all.emplace_back(std::clamp(highest_of_it, min_, max_), counts_[place]);
        }
    }
    if (overflow_ > 0) {
        all.emplace_back(max_, overflow_);
    }
    return all;
}

void Histogram::set_exact(Duration min, Duration max, Duration sum, std::uint64_t overflow)
{
    min_ = min;
    max_ = max;
    sum_ = sum;
    count_ += overflow - overflow_;
    overflow_ = overflow;
}

bool Histogram::operator==(const Histogram& other) const
{
    const auto used = [](const Histogram& histogram) {
        auto size = histogram.counts_.size();
        while (size > 0 && histogram.counts_[size - 1] == 0) {
            --size;
        }
        return size;
    };
    return count_ == other.count_ && overflow_ == other.overflow_ && min() == other.min() && max_ == other.max_ &&
           sum_ == other.sum_ && used(*this) == used(other) &&
           std::equal(counts_.begin(), counts_.begin() + static_cast<std::ptrdiff_t>(used(*this)),
                      other.counts_.begin());
}

} // namespace squall::measure
