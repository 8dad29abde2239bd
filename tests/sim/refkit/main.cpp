// sim_refkit: many simulated lives of the reference kit, each from one seed. See tests/sim/README.md.
#include "sim/refkit/explore.hpp"

#include <CLI/CLI.hpp>

int main(int argc, char** argv)
{
    squall::sim::Request request;
    CLI::App app{"Simulated lives of the reference kit: every promise checked after every step."};
    app.add_option("--seed", request.seed, "Replay this one life and tell what happens in it");
    app.add_option("--cancel", request.cancel, "With --seed: cancel at these STEP:TARGET (a systematic life)");
    app.add_option("--first", request.first, "The first seed")->capture_default_str();
    app.add_option("--seeds", request.seeds, "How many random lives")->capture_default_str();
    app.add_option("--small", request.small, "How many small lives to cancel at every step")->capture_default_str();
    app.add_option("--pairs", request.pairs, "How many small lives to cancel at every two steps")
        ->capture_default_str();
    app.add_option("--threads", request.threads, "Threads; each life has one")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    return squall::sim::run(request);
}
