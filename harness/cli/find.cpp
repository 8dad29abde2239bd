// squall find: the highest load at which every SLO holds, and what limits it.
#include "cli/load_plan.hpp"
#include "cli/run_once.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"

#include "analysis/load_limit.hpp"
#include "engine/run_folder.hpp"
#include "plan/scale.hpp"
#include "reporters/console_limit.hpp"
#include "result/json.hpp"
#include "result/result_file.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <iostream>

namespace squall::cli {
namespace {

struct FindVerb {
    ScenarioOptions scenario;
    std::string out;
    std::string from;
    std::string to;
    int threads = 1;
    int trials = analysis::LimitSearchBounds{}.most_trials;
    bool quiet = false;
    bool json = false;
};

/// What the search's multiples mean.
struct Scale {
    result::Unit unit = result::Unit::per_second;
    double level_of_one = 0;
};

Scale scale_of(const plan::Plan& plan)
{
    const auto level = plan::load_level(plan);
    return level.rate.per_second() > 0 ? Scale{result::Unit::per_second, level.rate.per_second()}
                                       : Scale{result::Unit::count, static_cast<double>(level.users)};
}

/// A bound of the command line as a level; 0 for none.
Result<double> level_in(const std::string& flag, const std::string& text, result::Unit unit)
{
    if (text.empty()) {
        return 0.0;
    }
    if (unit == result::Unit::per_second) {
        const auto rate = parse_rate(text);
        return rate && rate->per_second() > 0 ? Result<double>(rate->per_second())
                                              : fail("{} {}: expected a rate above 0 such as \"500/s\"", flag, text);
    }
    int users = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), users);
    return error == std::errc{} && end == text.data() + text.size() && users > 0
               ? Result<double>(users)
               : fail("{} {}: this scenario's users come in a fixed number; expected how many, such as 500", flag,
                      text);
}

Result<analysis::LimitSearchBounds> bounds_of(const FindVerb& verb, const Scale& scale)
{
    analysis::LimitSearchBounds bounds;
    bounds.most_trials = verb.trials;
    const auto from = level_in("--from", verb.from, scale.unit);
    const auto to = level_in("--to", verb.to, scale.unit);
    if (!from || !to) {
        return from ? to.error() : from.error();
    }
    if (*from > 0) {
        bounds.lowest = *from / scale.level_of_one;
    }
    if (*to > 0) {
        bounds.highest = *to / scale.level_of_one;
    }
    if (bounds.lowest > bounds.highest) {
        return fail("the search from {} to {} is empty: expected a --from below --to",
                    analysis::level_text(bounds.lowest * scale.level_of_one, scale.unit),
                    analysis::level_text(bounds.highest * scale.level_of_one, scale.unit));
    }
    return bounds;
}

struct Search {
    const FindVerb& verb;
    const plan::Plan& plan;
    Scale scale;
    std::string folder;
    analysis::LimitSearch search;
    result::LoadLimit limit;
};

/// False when the search is over before its time: interrupted, or (error) the harness failed.
Result<bool> try_level(Search& search, double multiple)
{
    const double level = multiple * search.scale.level_of_one;
    const auto name = fmt::format("trial-{:02}", search.search.trials() + 1);
    const auto folder = engine::make_run_folder((std::filesystem::path(search.folder) / name).string(), name);
    if (!folder) {
        return folder.error();
    }
    const auto plan = std::make_shared<const plan::Plan>(plan::scaled(search.plan, multiple));
    const auto ended = run_once(plan, {*folder, search.verb.threads, search.verb.quiet});
    if (!ended) {
        return ended.error();
    }
    if (!*ended || (*ended)->verdict.outcome == result::RunOutcome::interrupted) {
        return false;
    }
    const result::RunResult& run = **ended;
    if (const auto written = keep_result(*folder, run); !written) {
        return written.error();
    }
    const auto trial = analysis::limit_trial(level, run);
    search.search.record(trial.outcome == result::TrialOutcome::held);
    search.limit.trials.push_back(trial);
    if (!search.verb.quiet) {
        std::cerr << fmt::format("{}: {} {}{}{}\n", name, analysis::level_text(level, search.scale.unit),
                                 trial.outcome == result::TrialOutcome::held ? "held" : "did not hold",
                                 trial.reason.empty() ? "" : ": ", trial.reason);
    }
    return true;
}

int finish(Search& search, bool interrupted)
{
    analysis::conclude_limit(search.limit, search.search, search.scale.level_of_one, interrupted);
    const auto written =
        result::write_result(std::filesystem::path(search.folder) / result::limit_file_name, search.limit);
    if (search.verb.json) {
        std::cout << result::pretty(result::to_json(search.limit)) << std::flush;
    } else {
        std::cout << reporters::render_console_limit(search.limit, {wants_color(stdout), terminal_width(stdout)})
                  << std::flush;
    }
    if (!written) {
        std::cerr << "squall: " << written.error().message << '\n';
        return exit_harness_failed;
    }
    return search.limit.exit_code;
}

int usage_error(std::string_view message)
{
    std::cerr << "squall: " << message << '\n';
    return exit_usage;
}

int find(const FindVerb& verb)
{
    auto options = verb.scenario;
    options.overrides.emplace_back("leak_check=quick"); // a trial of several cycles would say no more of a rate
    const auto plan = load_plan(options);
    if (!plan) {
        return exit_usage;
    }
    if (plan->checks.empty()) {
        return usage_error(fmt::format("{} sets no SLO, so that every load would hold; add [slo] checks = [\"…\"]",
                                       verb.scenario.file));
    }
    const auto scale = scale_of(*plan);
    const auto bounds = bounds_of(verb, scale);
    if (!bounds) {
        return usage_error(bounds.error().message);
    }
    const auto folder = engine::make_run_folder(verb.out, plan->name + " limit");
    if (!folder) {
        return usage_error(folder.error().message);
    }
    Search search{verb, *plan, scale, *folder, analysis::LimitSearch(*bounds), {}};
    search.limit.squall_version = SQUALL_VERSION;
    search.limit.name = plan->name;
    search.limit.profile = plan->profile;
    search.limit.scenario_file = plan->scenario_file;
    search.limit.unit = scale.unit;
    while (const auto multiple = search.search.next()) {
        const auto tried = try_level(search, *multiple);
        if (!tried) {
            std::cerr << "squall: " << tried.error().message << '\n';
            return search.limit.trials.empty() ? exit_usage : (finish(search, true), exit_harness_failed);
        }
        if (!*tried) {
            return finish(search, true);
        }
    }
    return finish(search, false);
}

} // namespace

void add_find(CLI::App& app, int& exit_code)
{
    auto* verb = app.add_subcommand("find", "Find the highest load at which every SLO holds, and what limits it");
    auto options = std::make_shared<FindVerb>();
    add_scenario_options(*verb, options->scenario);
    verb->add_option("--from", options->from,
                     "Lowest load to try: a rate (\"50/s\"), or users where they are closed (default: a 64th of the "
                     "scenario's)");
    verb->add_option("--to", options->to, "Highest load to try (default: 64 times the scenario's)");
    verb->add_option("--trials", options->trials, "At most so many runs")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    verb->add_option("--out", options->out, "Folder of the search, new or empty (default: squall-runs/NAME-limit-TIME)")
        ->envname("SQUALL_OUT");
    verb->add_option("--threads", options->threads, "Engine threads; users are spread over them")
        ->check(CLI::Range(1, 256))
        ->capture_default_str()
        ->envname("SQUALL_THREADS");
    verb->add_flag("--quiet", options->quiet, "No progress, only the result");
    verb->add_flag("--json", options->json, "Print limit.json's content instead of the summary");
    verb->callback([options, &exit_code] { exit_code = find(*options); });
}

} // namespace squall::cli
