// squall-target: the reference service that scenarios stress.
#include "base/text.hpp"
#include "target/defects/registry.hpp"
#include "target/serve.hpp"
#include "target/serve_stdio.hpp"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using squall::Duration;
using squall::target::Options;

/// Reads a duration where CLI11 sees a text.
void add_duration(CLI::App& app, const std::string& name, Duration& into, const std::string& description)
{
    app.add_option_function<std::string>(
           name,
           [&into, name](const std::string& text) {
               const auto parsed = squall::parse_duration(text);
               if (!parsed) {
                   throw CLI::ValidationError(name, parsed.error().message);
               }
               into = *parsed;
           },
           description)
        ->type_name("DURATION")
        ->default_str(squall::format_duration(into));
}

struct SettingsSource {
    std::string file;
    std::vector<std::string> overrides;
};

void read_settings(const SettingsSource& source, Options& options)
{
    std::string text;
    if (!source.file.empty()) {
        std::ifstream file(source.file, std::ios::binary);
        text.assign(std::istreambuf_iterator<char>(file), {});
    }
    auto read = squall::scenario::read_target_settings(text, source.file, source.overrides);
    if (!read) {
        throw CLI::ValidationError("settings", read.error().message);
    }
    options.kit = std::move(*read);
}

void add_options(CLI::App& app, SettingsSource& settings, Options& options)
{
    app.add_option("--port", options.port, "Port to listen on");
    app.add_option("--host", options.host, "IP address to listen on")->capture_default_str();
    app.add_option("--database", options.database, "PostgreSQL or PgBouncer, as a libpq URL");
    app.add_option("--bypass-database", options.bypass_database,
                   "PostgreSQL for what goes around the pool (default: as --database)");
    app.add_flag("--stdio", options.stdio, "Speak MCP over stdin and stdout, one message a line, and nothing else");
    app.add_option("--notes", options.notes, "SQLite file of MCP's notes (default: no /mcp)");
    app.add_option("--redis", options.redis, "Redis, as redis://host:port");
    app.add_option("--settings", settings.file, "TOML file with what a scenario has in [stack.target]: pool, breaker …")
        ->check(CLI::ExistingFile);
    app.add_option("--set", settings.overrides, "One such setting, such as pool.max=20; repeatable")
        ->type_name("KEY=VALUE");
    app.add_option("--max-connections", options.max_connections, "Clients at a time; more wait (default: no limit)")
        ->check(CLI::PositiveNumber);
    add_duration(app, "--request-timeout", options.request_timeout,
                 "A request must have come, and its answer been read, in this time");
    app.add_option("--defect", options.defects, "Switch a bug on, by its name; repeatable")->type_name("NAME");
    app.add_flag_callback(
        "--list-defects",
        [] {
            for (const auto& defect : squall::target::defects()) {
                fmt::print("{:<24}{}\n", defect.name, defect.description);
            }
            throw CLI::Success();
        },
        "Print the bugs that can be switched on");
    app.callback([&app, &settings, &options] {
        for (const auto* needed : {"--port", "--database"}) {
            if (!options.stdio && app.count(needed) == 0) {
                throw CLI::RequiredError(needed);
            }
        }
        if (options.stdio && options.notes.empty()) {
            throw CLI::RequiredError("--notes");
        }
        const auto known = squall::target::check_defects(options.defects);
        if (!known) {
            throw CLI::ValidationError("--defect", known.error().message);
        }
        read_settings(settings, options);
    });
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    CLI::App app("The reference service that Squall's scenarios stress: a meal planner over PostgreSQL.");
    SettingsSource settings;
    add_options(app, settings, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 1;
    }
    try {
        return options.stdio ? squall::target::serve_stdio(options) : squall::target::serve(options);
    } catch (const std::exception& error) {
        fmt::print(stderr, "squall-target: {}\n", squall::redact(error.what()));
        return 1;
    }
}
