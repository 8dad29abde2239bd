// squall run: one scenario, one run folder, one verdict.
#include "cli/load_plan.hpp"
#include "cli/run_once.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"

#include "engine/leak_check.hpp"
#include "engine/run_folder.hpp"
#include "reporters/console.hpp"

#include <iostream>

namespace squall::cli {
namespace {

struct RunVerb {
    ScenarioOptions scenario;
    std::string out;
    int threads = 1;
    bool quiet = false;
};

int harness_failed(std::string_view message)
{
    std::cerr << "squall: " << message << '\n';
    return exit_harness_failed;
}

int run(const RunVerb& verb)
{
    const auto plan = load_plan(verb.scenario);
    if (!plan) {
        return exit_usage;
    }
    const auto folder = engine::make_run_folder(verb.out, plan->name);
    if (!folder) {
        std::cerr << "squall: " << folder.error().message << '\n';
        return exit_usage;
    }
    if (!verb.quiet) {
        for (const auto& line : engine::forecast(*plan)) {
            std::cerr << line << '\n';
        }
    }
    const auto ended = run_once(plan, {*folder, verb.threads, verb.quiet});
    if (!ended) {
        std::cerr << "squall: " << ended.error().message << '\n';
        return exit_usage;
    }
    if (!*ended) {
        std::cerr << "squall: interrupted before the load began; everything started was torn down\n";
        return exit_interrupted;
    }
    const result::RunResult& result = **ended;
    // Written before it is shown: a closed terminal must not cost the result.
    const auto written = keep_result(*folder, result);
    std::cout << reporters::render_console(result, {wants_color(stdout), terminal_width(stdout)}) << std::flush;
    if (!written) {
        return harness_failed(written.error().message);
    }
    return result.verdict.exit_code;
}

} // namespace

void add_run(CLI::App& app, int& exit_code)
{
    auto* verb = app.add_subcommand("run", "Run a scenario: start its stack, load it, judge it");
    auto options = std::make_shared<RunVerb>();
    add_scenario_options(*verb, options->scenario);
    verb->add_option("--out", options->out, "Folder of the run, new or empty (default: squall-runs/NAME-TIME)")
        ->envname("SQUALL_OUT");
    verb->add_option("--threads", options->threads, "Engine threads; users are spread over them")
        ->check(CLI::Range(1, 256))
        ->capture_default_str()
        ->envname("SQUALL_THREADS");
    verb->add_flag("--quiet", options->quiet, "No progress, only the summary");
    verb->callback([options, &exit_code] { exit_code = run(*options); });
}

} // namespace squall::cli
