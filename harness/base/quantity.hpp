// Quantities that cross interfaces, checked when made: no naked number says what it counts.
#pragma once

#include "base/assert.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace squall {

/// Events per time, at least 0.
class Rate {
public:
    constexpr Rate() = default;
    static Rate per_second(double count)
    {
        SQUALL_ASSERT(count >= 0);
        return Rate(count);
    }
    [[nodiscard]] constexpr double per_second() const { return per_second_; }
    auto operator<=>(const Rate&) const = default;

private:
    explicit constexpr Rate(double count) : per_second_(count) {}
    double per_second_ = 0;
};

/// A share from 0 to 1.
class Ratio {
public:
    constexpr Ratio() = default;
    static Ratio of(double share)
    {
        SQUALL_ASSERT(share >= 0 && share <= 1);
        return Ratio(share);
    }
    [[nodiscard]] constexpr double value() const { return value_; }
    auto operator<=>(const Ratio&) const = default;

private:
    explicit constexpr Ratio(double share) : value_(share) {}
    double value_ = 0;
};

/// Above 0, at most 100: Percentile::of(99.9).
class Percentile {
public:
    static Percentile of(double percent)
    {
        SQUALL_ASSERT(percent > 0 && percent <= 100);
        return Percentile(percent);
    }
    [[nodiscard]] constexpr double percent() const { return percent_; }
    auto operator<=>(const Percentile&) const = default;

private:
    explicit constexpr Percentile(double percent) : percent_(percent) {}
    double percent_;
};

/// A number of bytes.
struct ByteCount {
    std::uint64_t bytes = 0;
    auto operator<=>(const ByteCount&) const = default;
};

/// "200/s", "90/m", "1000/h", "5/ms". A rate of 0 is valid.
[[nodiscard]] Result<Rate> parse_rate(std::string_view text);
/// "0.1%" or "0.001" (a bare number from 0 to 1).
[[nodiscard]] Result<Ratio> parse_ratio(std::string_view text);
/// "64MiB", "10KB", "512B": IEC (KiB, MiB, GiB) and SI (KB, MB, GB) units.
[[nodiscard]] Result<ByteCount> parse_bytes(std::string_view text);

[[nodiscard]] std::string format_rate(Rate rate);        // "200/s", "1,234/s", "0.50/s"
[[nodiscard]] std::string format_ratio(Ratio ratio);     // "0.12%"
[[nodiscard]] std::string format_bytes(ByteCount bytes); // "64.0 MiB"

} // namespace squall
