// Results on disk: result.json in a run's folder, limit.json in that of a search.
#pragma once

#include "base/result.hpp"
#include "result/load_limit.hpp"
#include "result/run_result.hpp"

#include <filesystem>
#include <string_view>

namespace squall::result {

inline constexpr std::string_view result_file_name = "result.json";
inline constexpr std::string_view limit_file_name = "limit.json"; // of squall find

/// Writes a temporary file beside `path`, flushes it to disk and renames it: a reader sees the whole old file or the
/// whole new one. Errors name the path and the system's reason; the temporary file is then gone.
[[nodiscard]] Result<void> write_result(const std::filesystem::path& path, const RunResult& result);
[[nodiscard]] Result<void> write_result(const std::filesystem::path& path, const LoadLimit& limit);

/// `path` is a result file or a run's folder that holds one. Errors name the file, and the member that is wrong.
[[nodiscard]] Result<RunResult> read_result(const std::filesystem::path& path);

} // namespace squall::result
