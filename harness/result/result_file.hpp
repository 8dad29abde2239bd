// A run's result on disk: result.json in the run's folder.
#pragma once

#include "base/result.hpp"
#include "result/run_result.hpp"

#include <filesystem>
#include <string_view>

namespace squall::result {

inline constexpr std::string_view result_file_name = "result.json";

/// Writes a temporary file beside `path`, flushes it to disk and renames it: a reader sees the whole old file or the
/// whole new one. Errors name the path and the system's reason; the temporary file is then gone.
[[nodiscard]] Result<void> write_result(const std::filesystem::path& path, const RunResult& result);

/// `path` is a result file or a run's folder that holds one. Errors name the file, and the member that is wrong.
[[nodiscard]] Result<RunResult> read_result(const std::filesystem::path& path);

} // namespace squall::result
