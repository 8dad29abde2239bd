// One verb of the command line: its own file, its own options.
#pragma once

#include <CLI/CLI.hpp>

namespace squall::cli {

/// k6's and DESIGN.md's numbers.
enum ExitCode : int {
    exit_met = 0,
    exit_usage = 1,
    exit_harness_failed = 2,
    exit_invalid = 97,
    exit_regressed = 98,
    exit_missed = 99,
    exit_interrupted = 130,
};

/// Each adds its subcommand to `app`; when that was called, its callback writes the exit code into `exit_code`.
void add_run(CLI::App& app, int& exit_code);
void add_find(CLI::App& app, int& exit_code);
void add_check(CLI::App& app, int& exit_code);
void add_compare(CLI::App& app, int& exit_code);
void add_report(CLI::App& app, int& exit_code);
void add_up(CLI::App& app, int& exit_code);
void add_down(CLI::App& app, int& exit_code);
void add_schema(CLI::App& app, int& exit_code);
void add_keeper(CLI::App& app, int& exit_code);

} // namespace squall::cli
