// squall down: stops what `squall up` left running.
#include "cli/verb.hpp"

#include "engine/until_signal.hpp"
#include "stack/up_state.hpp"

#include <iostream>

namespace squall::cli {
namespace {

int down()
{
    const auto outcome =
        engine::run_until_signal(stack::bring_down(stack::up_state_folder(), std::make_shared<SteadyClock>()));
    if (!outcome) {
        std::cerr << "squall: interrupted; run `squall down` again\n";
        return exit_interrupted;
    }
    if (!*outcome) {
        std::cerr << "squall: " << outcome->error().message << '\n';
        return exit_harness_failed;
    }
    switch (**outcome) {
    case stack::DownOutcome::nothing_up:
        std::cout << "nothing is up\n";
        break;
    case stack::DownOutcome::stopped:
        std::cout << "stopped, and its data removed\n";
        break;
    case stack::DownOutcome::stale:
        std::cout << "it had died before; what it left was removed\n";
        break;
    }
    return exit_met;
}

} // namespace

void add_down(CLI::App& app, int& exit_code)
{
    auto* verb = app.add_subcommand("down", "Stop the stack that `squall up` started");
    verb->callback([&exit_code] { exit_code = down(); });
}

} // namespace squall::cli
