// squall compare: two runs side by side.
#include "cli/terminal.hpp"
#include "cli/verb.hpp"

#include "analysis/compare.hpp"
#include "reporters/console_comparison.hpp"
#include "result/json.hpp"
#include "result/result_file.hpp"

#include <iostream>

namespace squall::cli {
namespace {

struct CompareVerb {
    std::string before;
    std::string after;
    bool json = false;
};

int compare(const CompareVerb& verb)
{
    const auto before = result::read_result(verb.before);
    const auto after = result::read_result(verb.after);
    for (const auto* read : {&before, &after}) {
        if (!*read) {
            std::cerr << "squall: " << read->error().message << '\n';
        }
    }
    if (!before || !after) {
        return exit_usage;
    }
    const auto comparison = analysis::compare(*before, *after);
    if (verb.json) {
        std::cout << result::pretty(result::to_json(comparison));
    } else {
        std::cout << reporters::render_console_comparison(comparison, {wants_color(stdout), terminal_width(stdout)});
    }
    return comparison.regressed ? exit_regressed : comparison.not_comparable ? exit_invalid : exit_met;
}

} // namespace

void add_compare(CLI::App& app, int& exit_code)
{
    auto* verb = app.add_subcommand("compare", "Compare two runs: latency, errors, leaks, SLO by SLO");
    auto options = std::make_shared<CompareVerb>();
    verb->add_option("BEFORE", options->before, "Run folder or result.json")->required();
    verb->add_option("AFTER", options->after, "Run folder or result.json")->required();
    verb->add_flag("--json", options->json, "Print the comparison as JSON (its schema: squall schema comparison)");
    verb->callback([options, &exit_code] { exit_code = compare(*options); });
}

} // namespace squall::cli
