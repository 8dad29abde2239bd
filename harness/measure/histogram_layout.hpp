// Where a value lives in an HdrHistogram with lowest value 1, highest 3,600,000,000 (1 h in µs) and 3 digits. Pure
// index arithmetic after the published layout (HdrHistogram, AbstractHistogram): unit magnitude 0, 2048 sub-buckets a
// bucket.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace squall::measure::layout {

inline constexpr std::int64_t highest_value = 3'600'000'000;
inline constexpr int significant_digits = 3;
inline constexpr int sub_bucket_bits = 11;
inline constexpr std::int64_t sub_buckets = 1 << sub_bucket_bits;
inline constexpr std::int64_t half_sub_buckets = sub_buckets / 2;

/// Each bucket after the first adds half of its sub-buckets: the lower half is covered by the bucket before.
constexpr std::size_t index_of(std::int64_t value)
{
    const int bucket =
        64 - sub_bucket_bits -
        std::countl_zero(static_cast<std::uint64_t>(value) | static_cast<std::uint64_t>(sub_buckets - 1));
    const std::int64_t sub_bucket = value >> bucket;
    return static_cast<std::size_t>((bucket + 1) * half_sub_buckets + sub_bucket - half_sub_buckets);
}

struct Range {
    std::int64_t lowest;
    std::int64_t highest; // included
};

/// The values that share this place.
constexpr Range range_of(std::size_t index)
{
    const auto place = static_cast<std::int64_t>(index);
    std::int64_t bucket = place / half_sub_buckets - 1;
    std::int64_t sub_bucket = place % half_sub_buckets + half_sub_buckets;
    if (bucket < 0) {
        bucket = 0;
        sub_bucket -= half_sub_buckets;
    }
    const std::int64_t lowest = sub_bucket << bucket;
    return {lowest, lowest + (std::int64_t{1} << bucket) - 1};
}

inline constexpr std::size_t places = index_of(highest_value) + 1;

} // namespace squall::measure::layout
