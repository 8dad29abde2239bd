// Comparison: two runs side by side, as plain values. analysis::compare fills it; reporters render it and json.hpp
// writes it. What each member means to a reader stands once, in comparison_fields.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace squall::result {

inline constexpr int comparison_format = 1;

/// What a row's numbers count. `text`: the row has no numbers, only before_text and after_text.
enum class Unit { text, count, seconds, bytes, share, per_second, per_hour, per_1000_operations };

/// `not_judged`: shown for the reader's information only.
enum class ComparisonVerdict { regressed, improved, no_significant_change, inconclusive, not_judged };

struct RunReference {
    std::string name;
    std::string profile;
    std::string folder;
    std::string started; // ISO 8601, UTC
    std::string verdict; // the run's own: passed, failed, invalid, interrupted
    bool operator==(const RunReference&) const = default;
};

struct ComparisonRow {
    std::string group;  // "latency", "errors", "leaks", "SLO": rows of a group stand together, in this order
    std::string metric; // "response_time[login].p99"
    Unit unit = Unit::text;
    std::optional<double> before; // in `unit`; empty: not measured, or the row is a text
    std::optional<double> after;
    std::string before_text; // shown in place of the number when not empty: "met", "< 180/h"
    std::string after_text;
    std::optional<double> change; // (after − before) / before; empty: no sense in it
    ComparisonVerdict verdict = ComparisonVerdict::not_judged;
    std::string why;
    bool operator==(const ComparisonRow&) const = default;
};

struct Comparison {
    int format = comparison_format;
    std::string squall_version;
    RunReference before;
    RunReference after;
    std::vector<std::string> warnings; // why the two may not be comparable
    std::vector<ComparisonRow> rows;
    std::string sentence;                      // the whole, in words
    bool regressed = false;                    // exit code 98
    std::optional<std::string> not_comparable; // a run is INVALID: exit code 97, and only leaks are judged
    bool operator==(const Comparison&) const = default;
};

} // namespace squall::result
