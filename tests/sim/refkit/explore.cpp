#include "sim/refkit/explore.hpp"

#include "sim/refkit/group_world.hpp"
#include "sim/refkit/pool_world.hpp"
#include "sim/refkit/worlds.hpp"

#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <mutex>

#include <unistd.h>

namespace squall::sim {
namespace {

constexpr std::string_view program = "build/release/bin/sim_refkit";

/// How to see this life again.
std::string replay(const LifePlan& plan)
{
    const auto world = plan.world == "pool" ? std::string() : fmt::format("--world {} ", plan.world);
    auto command = fmt::format("{} {}--seed {}", program, world, plan.seed);
    if (plan.small) {
        command += " --cancel";
        for (const auto& injection : plan.injections) {
            command += fmt::format(" {}:{}", injection.step, injection.target);
        }
        command += plan.injections.empty() ? " none" : "";
    }
    return command;
}

// An assertion of the kit ends the program: its last words are the life that did it.
thread_local std::string last_words;

void say_last_words(int)
{
    const auto written = write(STDERR_FILENO, last_words.data(), last_words.size());
    _exit(written >= 0 ? 1 : 1);
}

class Explorer {
public:
    /// True while nothing broke.
    bool live(const LifePlan& plan, bool trace = false, std::uint64_t* steps = nullptr, std::size_t* callers = nullptr)
    {
        last_words = fmt::format("an assertion failed; replay with: {}\n", replay(plan));
        const auto world = make_world(plan, trace);
        const auto broken = world->live();
        ++lives_;
        steps_ += world->steps();
        if (steps != nullptr) {
            *steps = world->steps();
            *callers = world->callers();
        }
        if (broken && !failed_.exchange(true)) {
            fmt::print("FAILED at {}\nreplay with: {}\n", *broken, replay(plan));
        }
        return !broken;
    }

    /// Several pools under one bound.
    void live_as_group(std::uint64_t seed)
    {
        const auto again = fmt::format("{} --group {}", program, seed);
        last_words = fmt::format("an assertion failed; replay with: {}\n", again);
        GroupWorld world(seed);
        const auto broken = world.live();
        ++groups_;
        steps_ += world.steps();
        if (broken && !failed_.exchange(true)) {
            fmt::print("FAILED at {}\nreplay with: {}\n", *broken, again);
        }
    }

    /// A small life with a cancellation at every step, of everybody and of the pool; with `pairs`, at every two steps.
    void cancel_everywhere(std::string_view world, std::uint64_t seed, bool pairs)
    {
        std::uint64_t steps = 0;
        std::size_t callers = 0;
        if (!live({.world = world, .seed = seed, .small = true, .injections = {}}, false, &steps, &callers)) {
            return;
        }
        std::vector<Injection> all;
        for (std::uint64_t step = 0; step < steps; ++step) {
            for (std::size_t target = 0; target <= callers; ++target) {
                all.push_back({step, target});
            }
        }
        for (std::size_t first = 0; first < all.size() && !failed_; ++first) {
            live({.world = world, .seed = seed, .small = true, .injections = {all[first]}});
            for (std::size_t second = first + 1; pairs && second < all.size() && !failed_; ++second) {
                live({.world = world, .seed = seed, .small = true, .injections = {all[first], all[second]}});
            }
        }
    }

    /// Runs job(0) … job(count − 1) on all threads, until something breaks.
    template <typename Job>
    void share(unsigned threads, std::uint64_t count, Job job)
    {
        std::atomic<std::uint64_t> next = 0;
        const auto work = [&] {
            for (auto index = next++; index < count && !failed_; index = next++) {
                job(index);
            }
        };
        std::vector<std::jthread> crew;
        for (unsigned i = 1; i < threads; ++i) {
            crew.emplace_back(work);
        }
        work();
    }

    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] std::uint64_t lives() const { return lives_; }
    [[nodiscard]] std::uint64_t groups() const { return groups_; }
    [[nodiscard]] std::uint64_t steps() const { return steps_; }

private:
    std::atomic<bool> failed_ = false;
    std::atomic<std::uint64_t> lives_ = 0;
    std::atomic<std::uint64_t> groups_ = 0;
    std::atomic<std::uint64_t> steps_ = 0;
};

int replay_one(const Request& request)
{
    LifePlan plan{.world = request.world.empty() ? std::string_view("pool") : request.world,
                  .seed = *request.seed,
                  .small = !request.cancel.empty(),
                  .injections = {}};
    for (const auto& text : request.cancel) {
        Injection injection;
        if (std::sscanf(text.c_str(), "%lu:%zu", &injection.step, &injection.target) == 2) {
            plan.injections.push_back(injection);
        } else if (text != "none") {
            fmt::print(stderr, "--cancel {}: expected STEP:TARGET, or none\n", text);
            return 2;
        }
    }
    Explorer explorer;
    const bool kept = explorer.live(plan, true);
    fmt::print("{} handlers, {}\n", explorer.steps(), kept ? "every promise kept" : "a promise broken");
    return kept ? 0 : 1;
}

} // namespace

double hurry_of(const LifePlan& plan)
{
    auto random = Random(plan.seed).stream("hurry");
    return !plan.small && random.uniform() < 0.2 ? 0.05 : 0.0;
}

std::unique_ptr<World> make_world(const LifePlan& plan, bool trace)
{
    return plan.world == "limiter"   ? make_limiter_world(plan, trace)
           : plan.world == "rate"    ? make_rate_world(plan, trace)
           : plan.world == "cache"   ? make_cache_world(plan, trace)
           : plan.world == "breaker" ? make_breaker_world(plan, trace)
                                     : std::make_unique<PoolWorld>(plan, trace);
}

int run(const Request& request)
{
    std::signal(SIGABRT, say_last_words);
    if (request.seed) {
        return replay_one(request);
    }
    Explorer explorer;
    if (request.group) {
        explorer.live_as_group(*request.group);
        return explorer.failed() ? 1 : 0;
    }
    if (request.world.empty()) {
        explorer.share(request.threads, request.groups,
                       [&](std::uint64_t i) { explorer.live_as_group(request.first + i); });
    }
    std::uint64_t random_lives = 0;
    for (const auto world : world_names) {
        if (!request.world.empty() && request.world != world) {
            continue;
        }
        const auto before = explorer.lives();
        explorer.share(request.threads, request.seeds, [&](std::uint64_t i) {
            explorer.live({.world = world, .seed = request.first + i, .small = false, .injections = {}});
        });
        random_lives += explorer.lives() - before;
        explorer.share(request.threads, request.small, [&](std::uint64_t i) {
            explorer.cancel_everywhere(world, request.first + i, i < request.pairs);
        });
    }
    if (explorer.failed()) {
        return 1;
    }
    fmt::print("{} random lives, {} of several pools, {} with a cancellation at every step or two, {} handlers, "
               "{:.1f} s of CPU time: every promise kept\n",
               random_lives, explorer.groups(), explorer.lives() - random_lives, explorer.steps(),
               static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
    return 0;
}

} // namespace squall::sim
