// Small text tools that several rooms need.
#pragma once

#include "base/result.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall {

/// Reads an unsigned decimal number ("12", "0.5") off the front of `text`; nothing when there is none.
[[nodiscard]] std::optional<double> take_number(std::string_view& text);

[[nodiscard]] std::string_view trim(std::string_view text);

/// Parts between separators, empty ones kept.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Three significant digits without a needless fraction: "1.23", "45.6", "789", "12".
[[nodiscard]] std::string format_significant(double value);

/// 1234567 → "1,234,567".
[[nodiscard]] std::string format_thousands(long long value);

/// The candidate nearest to `word` by Damerau–Levenshtein distance, if near enough to be a misspelling of it
/// (at most a third of the longer word's letters, and never all of them).
[[nodiscard]] std::optional<std::string> closest_match(std::string_view word,
                                                       const std::vector<std::string>& candidates);

/// Replaces every ${name} by lookup(name). A name without a value, and a "${" that is never closed, are errors.
[[nodiscard]] Result<std::string> expand(std::string_view text,
                                         const std::function<std::optional<std::string>(std::string_view)>& lookup);

/// Hides the password of every URL and of every `password=` in `text`: nothing secret reaches a report, log or journal.
[[nodiscard]] std::string redact(std::string_view text);

} // namespace squall
