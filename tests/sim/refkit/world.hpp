// What every simulated world has: a plan that decides all of it, and a life in which a promise may be broken.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::sim {

/// After `step` handlers, `target` is cancelled: a caller by its number, or what they use (the pool, the limiter …)
/// where there is no such caller.
struct Injection {
    std::uint64_t step = 0;
    std::size_t target = 0;

    friend bool operator==(const Injection&, const Injection&) = default;
};

/// All that decides a life: the same plan, the same life.
struct LifePlan {
    std::string_view world = "pool"; // one of world_names
    std::uint64_t seed = 1;
    /// A small world in which nobody is cancelled but by `injections`; otherwise a random one with random troubles.
    bool small = false;
    std::vector<Injection> injections;
};

class World {
public:
    virtual ~World() = default;

    /// The first broken promise, with its step and virtual time; nothing when all were kept. Called once.
    [[nodiscard]] virtual std::optional<std::string> live() = 0;
    [[nodiscard]] virtual std::uint64_t steps() const = 0;
    [[nodiscard]] virtual std::size_t callers() const = 0;
};

inline constexpr std::string_view world_names[] = {"pool", "limiter", "rate", "cache", "breaker"};

/// How often the clock of this life jumps to the next timer while handlers are ready, as on a machine that lags.
[[nodiscard]] double hurry_of(const LifePlan& plan);

/// `trace` prints what happens.
[[nodiscard]] std::unique_ptr<World> make_world(const LifePlan& plan, bool trace);

} // namespace squall::sim
