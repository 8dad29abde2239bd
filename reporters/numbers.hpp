// Numbers as a person reads them: three significant digits, always with a unit. A number that is not known (not
// finite) is "–". Pure.
#pragma once

#include "result/comparison.hpp"
#include "result/run_result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace squall::reporters {

[[nodiscard]] std::string latency_text(double seconds); // "850µs", "3.12ms", "2.00s": digits align in a column
[[nodiscard]] std::string
seconds_text(double seconds); // the same without a needless fraction from 1s on: "2s", "2m 5s"
[[nodiscard]] std::string count_text(std::uint64_t count); // "18,240"
[[nodiscard]] std::string
amount_text(double amount); // "0.25", "12", "14,960": whole numbers in full, others by three digits
[[nodiscard]] std::string rate_text(double per_second); // "405/s"
[[nodiscard]] std::string share_text(double share);     // "1.05%"
[[nodiscard]] std::string bytes_text(double bytes);     // "41.2 MiB", "-1.5 KiB"
[[nodiscard]] std::string change_text(double change);   // "+25%", "−82%", "×12.3" from ten times on
[[nodiscard]] std::string clock_text(double seconds);   // a place in the run: "0:07", "12:30", "1:02:03"
[[nodiscard]] std::string plural(std::uint64_t count, std::string_view one); // "1 request", "2 requests"

/// A gauge's value in its unit: "bytes" and "seconds" are scaled, any other unit stands behind the number.
[[nodiscard]] std::string gauge_text(double value, std::string_view unit);

/// Three digits, as far as an estimate goes: "187 [161–216]"; without an upper end "187 [161–∞]".
[[nodiscard]] std::string estimate_text(const result::Estimate& estimate, std::string_view unit);

/// A comparison's number in its unit.
[[nodiscard]] std::string unit_text(double value, result::Unit unit);

} // namespace squall::reporters
