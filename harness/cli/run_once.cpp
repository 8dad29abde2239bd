#include "cli/run_once.hpp"

#include "cli/programs.hpp"
#include "cli/progress.hpp"

#include "engine/run.hpp"
#include "result/result_file.hpp"

#include <filesystem>

namespace squall::cli {

Result<std::optional<result::RunResult>> run_once(const std::shared_ptr<const plan::Plan>& plan, const RunOnce& options)
{
    Progress progress(stderr);
    engine::RunOptions run;
    run.folder = options.folder;
    run.keeper_command = keeper_command();
    run.target_program = target_program();
    run.threads = options.threads;
    if (!options.quiet) {
        run.on_note = [&progress](std::string_view text) { progress.note(text); };
        run.on_status = [&progress](const engine::LiveStatus& status) { progress.show(status); };
    }
    return engine::run_plan(plan, run);
}

Result<void> keep_result(const std::string& folder, const result::RunResult& result)
{
    return result::write_result(std::filesystem::path(folder) / result::result_file_name, result);
}

} // namespace squall::cli
