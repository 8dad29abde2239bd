// sim_refkit: many simulated lives of the reference kit, each from one seed. See tests/sim/README.md.
#include "refkit/mutants.hpp"
#include "sim/refkit/explore.hpp"
#include "sim/refkit/world.hpp"

#include <CLI/CLI.hpp>

#ifdef SQUALL_MUTATION
#include <map>
#include <string>

namespace {

/// --mutant NAME puts that bug back; --mutants lists them, "name<tab>bug<tab>what" a line.
void add_mutants(CLI::App& app)
{
    using squall::refkit::Mutant;
    static const std::map<std::string, Mutant> by_name{
#define SQUALL_ENTRY(name, bug, what) {#name, Mutant::name},
        SQUALL_MUTANTS(SQUALL_ENTRY)
#undef SQUALL_ENTRY
    };
    app.add_option("--mutant", squall::refkit::active_mutant, "Put this bug back")
        ->transform(CLI::Transformer(by_name));
    app.add_flag_callback(
        "--mutants",
        [] {
#define SQUALL_LINE(name, bug, what) #name "\t" bug "\t" what "\n"
            std::fputs(SQUALL_MUTANTS(SQUALL_LINE), stdout);
#undef SQUALL_LINE
            throw CLI::Success();
        },
        "List the bugs that can be put back");
}

} // namespace
#endif

int main(int argc, char** argv)
{
    squall::sim::Request request;
    CLI::App app{"Simulated lives of the reference kit: every promise checked after every step."};
    app.add_option("--world", request.world, "Only lives of the pool, limiter, rate, cache or breaker")
        ->check(CLI::IsMember(
            std::vector<std::string>(std::begin(squall::sim::world_names), std::end(squall::sim::world_names))));
    app.add_option("--seed", request.seed, "Replay this one life and tell what happens in it");
    app.add_option("--cancel", request.cancel, "With --seed: cancel at these STEP:TARGET (a systematic life)");
    app.add_option("--group", request.group, "Replay this one life of several pools");
    app.add_option("--groups", request.groups, "How many random lives of several pools")->capture_default_str();
    app.add_option("--first", request.first, "The first seed")->capture_default_str();
    app.add_option("--seeds", request.seeds, "How many random lives")->capture_default_str();
    app.add_option("--small", request.small, "How many small lives to cancel at every step")->capture_default_str();
    app.add_option("--pairs", request.pairs, "How many small lives to cancel at every two steps")
        ->capture_default_str();
    app.add_option("--threads", request.threads, "Threads; each life has one")->capture_default_str();
#ifdef SQUALL_MUTATION
    add_mutants(app);
#endif
    CLI11_PARSE(app, argc, argv);
    return squall::sim::run(request);
}
