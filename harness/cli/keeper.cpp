// Hidden: the process that owns the managed services. Started by the harness only.
#include "cli/verb.hpp"

#include "stack/keeper.hpp"

namespace squall::cli {

void add_keeper(CLI::App& app, int& exit_code)
{
    auto* verb = app.add_subcommand("keeper", "Own the managed services of a run (started by squall itself)");
    verb->group("");
    auto socket = std::make_shared<int>(-1);
    verb->add_option("--socket", *socket, "The keeper's end of the harness's socket")->required();
    verb->callback([socket, &exit_code] { exit_code = stack::keeper_main(*socket); });
}

} // namespace squall::cli
