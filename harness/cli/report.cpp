// squall report: a run's summary again, also from the journal of a run that died.
#include "cli/terminal.hpp"
#include "cli/verb.hpp"

#include "engine/conclude.hpp"
#include "engine/histogram_file.hpp"
#include "engine/run_folder.hpp"
#include "reporters/console.hpp"
#include "result/json.hpp"
#include "result/result_file.hpp"

#include <filesystem>
#include <iostream>

namespace squall::cli {
namespace {

struct ReportVerb {
    std::string folder;
    bool json = false;
};

Result<result::RunResult> read_run(const std::filesystem::path& folder)
{
    if (std::filesystem::exists(folder / result::result_file_name)) {
        return result::read_result(folder);
    }
    if (!std::filesystem::exists(folder / engine::journal_name)) {
        return fail("{} holds neither {} nor {}; give the folder of a run", folder.string(), result::result_file_name,
                    engine::journal_name);
    }
    if (const auto written = engine::write_histogram_file(folder.string()); !written) {
        std::cerr << "squall: " << written.error().message << '\n';
    }
    return engine::conclude(folder.string());
}

int report(const ReportVerb& verb)
{
    const auto result = read_run(verb.folder);
    if (!result) {
        std::cerr << "squall: " << result.error().message << '\n';
        return exit_usage;
    }
    if (verb.json) {
        std::cout << result::pretty(result::to_json(*result));
    } else {
        std::cout << reporters::render_console(*result, {wants_color(stdout), terminal_width(stdout)});
    }
    return result->verdict.exit_code;
}

} // namespace

void add_report(CLI::App& app, int& exit_code)
{
    auto* verb = app.add_subcommand("report", "Show a run again, also one that died, up to its last full second");
    auto options = std::make_shared<ReportVerb>();
    verb->add_option("DIR", options->folder, "The run's folder")->required();
    verb->add_flag("--json", options->json, "Print result.json's content instead of the summary");
    verb->callback([options, &exit_code] { exit_code = report(*options); });
}

} // namespace squall::cli
