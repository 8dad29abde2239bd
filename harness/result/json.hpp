// RunResult, Comparison and LoadLimit as JSON, and their schemas: all walk the same description of the members
// (run_result_fields.hpp, comparison_fields.hpp, load_limit_fields.hpp), so that they cannot differ.
//
// Numbers: an empty optional and a number that is not finite are null. Enumerations are their words in lower case.
// Maps are objects. Reading ignores unknown members (a newer minor writer) and takes the default for a missing one
// only where the schema does not require it.
#pragma once

#include "base/result.hpp"
#include "result/comparison.hpp"
#include "result/load_limit.hpp"
#include "result/run_result.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace squall::result {

[[nodiscard]] boost::json::value to_json(const RunResult& result);
[[nodiscard]] boost::json::value to_json(const Comparison& comparison);
[[nodiscard]] boost::json::value to_json(const LoadLimit& limit);

/// Errors name the member by its path: `steps[2].response.p99_seconds: expected a number, found the text "fast"`.
/// A format newer than this program knows is refused in words.
[[nodiscard]] Result<RunResult> run_result_from_json(const boost::json::value& json);
[[nodiscard]] Result<Comparison> comparison_from_json(const boost::json::value& json);
[[nodiscard]] Result<LoadLimit> load_limit_from_json(const boost::json::value& json);

/// JSON Schema, draft 2020-12, with a description of every member.
[[nodiscard]] boost::json::value run_result_schema();
[[nodiscard]] boost::json::value comparison_schema();
[[nodiscard]] boost::json::value load_limit_schema();

/// Indented by two spaces, members in the order of the structs, short arrays of plain values on one line; ends in a
/// newline.
[[nodiscard]] std::string pretty(const boost::json::value& json);

} // namespace squall::result
