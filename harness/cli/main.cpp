#include "base/text.hpp"
#include "cli/verb.hpp"

#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr const char* exit_codes = R"(
Exit codes:
  0    all SLOs met                     98   something got worse (compare)
  1    usage or scenario error          97   run INVALID: the generator was the limit
  2    the harness itself failed        130  interrupted, results kept
  99   an SLO was missed

Environment: NO_COLOR turns colours off; SQUALL_PROFILE, SQUALL_OUT, SQUALL_SEED and SQUALL_THREADS stand for the flags
of the same names.)";

/// CLI11 would only say that a verb is missing.
bool is_unknown_verb(const CLI::App& app, std::string_view word)
{
    std::vector<std::string> verbs;
    for (const auto* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (verb->get_name() == word) {
            return false;
        }
        if (!verb->get_group().empty()) {
            verbs.push_back(verb->get_name());
        }
    }
    const auto meant = squall::closest_match(word, verbs);
    std::cerr << "squall: unknown verb \"" << word << '"' << (meant ? "; did you mean \"" + *meant + "\"?" : "")
              << "; verbs are " << squall::join(verbs, ", ") << '\n';
    return true;
}

int run(int argc, char** argv)
{
    CLI::App app{"Squall: load, leaks and limits of services that hold connections.", "squall"};
    app.set_version_flag("--version", "squall " SQUALL_VERSION);
    app.require_subcommand(1);
    app.footer(exit_codes);
    int exit_code = squall::cli::exit_met;
    for (const auto add : {squall::cli::add_run, squall::cli::add_find, squall::cli::add_check,
                           squall::cli::add_compare, squall::cli::add_report, squall::cli::add_up,
                           squall::cli::add_down, squall::cli::add_schema, squall::cli::add_keeper}) {
        add(app, exit_code);
    }
    if (argc > 1 && argv[1][0] != '-' && is_unknown_verb(app, argv[1])) {
        return squall::cli::exit_usage;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? squall::cli::exit_met : squall::cli::exit_usage;
    }
    return exit_code;
}

} // namespace

int main(int argc, char** argv)
{
    std::signal(SIGPIPE, SIG_IGN); // a closed peer or pager is an error code, not the end of the process
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "squall: the harness failed: " << error.what() << "\nThis is a bug in squall; please report it.\n";
        return squall::cli::exit_harness_failed;
    }
}
