// squall schema: JSON Schema of the scenario language or of result.json.
#include "cli/verb.hpp"

#include "result/json.hpp"
#include "scenario/parse.hpp"

#include <iostream>

namespace squall::cli {

void add_schema(CLI::App& app, int& exit_code)
{
    auto* verb = app.add_subcommand("schema", "Print the JSON Schema of a scenario file, or of result.json");
    auto what = std::make_shared<std::string>("scenario");
    verb->add_option("WHAT", *what, "scenario (default), result or comparison")
        ->check(CLI::IsMember({"scenario", "result", "comparison"}));
    verb->callback([what, &exit_code] {
        if (*what == "scenario") {
            std::cout << scenario::json_schema() << "\n";
        } else {
            std::cout << result::pretty(*what == "result" ? result::run_result_schema() : result::comparison_schema());
        }
        exit_code = exit_met;
    });
}

} // namespace squall::cli
