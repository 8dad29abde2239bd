// squall schema: JSON Schema of the scenario language and of what the verbs write.
#include "cli/verb.hpp"

#include "result/json.hpp"
#include "scenario/parse.hpp"

#include <iostream>

namespace squall::cli {
namespace {

std::string schema_of(const std::string& what)
{
    if (what == "result") {
        return result::pretty(result::run_result_schema());
    }
    if (what == "comparison") {
        return result::pretty(result::comparison_schema());
    }
    return what == "limit" ? result::pretty(result::load_limit_schema()) : scenario::json_schema() + "\n";
}

} // namespace

void add_schema(CLI::App& app, int& exit_code)
{
    auto* verb = app.add_subcommand("schema", "Print the JSON Schema of a scenario file, of result.json, …");
    auto what = std::make_shared<std::string>("scenario");
    verb->add_option("WHAT", *what, "scenario (default), result, comparison or limit")
        ->check(CLI::IsMember({"scenario", "result", "comparison", "limit"}));
    verb->callback([what, &exit_code] {
        std::cout << schema_of(*what);
        exit_code = exit_met;
    });
}

} // namespace squall::cli
