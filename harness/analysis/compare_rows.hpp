// The groups of a comparison, one file each. Used by compare.cpp.
#pragma once

#include "result/comparison.hpp"
#include "result/run_result.hpp"

#include <vector>

namespace squall::analysis {

using Rows = std::vector<result::ComparisonRow>;

void compare_latency(const result::RunResult& before, const result::RunResult& after, Rows& rows); // and throughput
void compare_errors(const result::RunResult& before, const result::RunResult& after, Rows& rows);
void compare_leaks(const result::RunResult& before, const result::RunResult& after, Rows& rows);
void compare_slos(const result::RunResult& before, const result::RunResult& after, Rows& rows);

/// Why the two may not be comparable.
[[nodiscard]] std::vector<std::string> comparability(const result::RunResult& before, const result::RunResult& after);

/// A row with its relative change where that has a sense.
[[nodiscard]] result::ComparisonRow numbers_row(std::string group, std::string metric, result::Unit unit,
                                                std::optional<double> before, std::optional<double> after);

/// The element of `list` with this `member` value; null: none.
template <typename T, typename Member, typename Value>
[[nodiscard]] const T* find_by(const std::vector<T>& list, Member member, const Value& value)
{
    for (const auto& element : list) {
        if (element.*member == value) {
            return &element;
        }
    }
    return nullptr;
}

} // namespace squall::analysis
