// In which order a user takes its steps: a small program, so that a walk through it needs neither memory nor recursion.
#pragma once

#include "plan/bound_text.hpp"
#include "scenario/scenario.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace squall::plan {

/// scenario::Condition, bound.
struct Condition {
    BoundText left;
    scenario::Condition::Comparison comparison = scenario::Condition::Comparison::is_true;
    BoundText right;
    std::optional<Pattern> pattern; // of `matches`
};

/// Index of an instruction; the number of instructions is the end of the iteration.
using Position = std::uint32_t;

/// Performs Population::steps[step]; goes on with the next instruction, or where a failure leads. Nothing: the
/// iteration ends, as failed.
struct Perform {
    std::uint32_t step = 0;
    std::optional<Position> on_error;
    std::optional<Position> on_timeout;
};
/// Performs steps[step] every so often until it succeeds: then the answer to steps[asked_by] is recovered; after
/// `length` it is lost and the iteration ends, as failed.
struct PollUntil {
    std::uint32_t step = 0;
    std::uint32_t asked_by = 0;
    Duration every{};
    Duration length{};
};
struct Wait {
    scenario::DurationRange length;
};
struct Jump {
    Position target = 0;
};
struct JumpUnless {
    Condition condition;
    Position target = 0;
};
/// Takes targets[i] with probability weights[i] / their sum.
struct Choose {
    std::vector<int> weights;
    std::vector<Position> targets;
    std::vector<std::vector<int>> by_cycle; // weights of each cycle of a run; empty: `weights` in all
};
/// Sets a counter to what the text says (an integer; anything else is 0).
struct SetCounter {
    std::uint32_t counter = 0;
    BoundText times;
};
/// Leads to `target` when the counter is 0; else it counts down.
struct CountDown {
    std::uint32_t counter = 0;
    Position target = 0;
};

using Instruction = std::variant<Perform, PollUntil, Wait, Jump, JumpUnless, Choose, SetCounter, CountDown>;

/// Loops may stand in loops so deep; one counter each.
inline constexpr std::size_t most_counters = 8;

using Journey = std::vector<Instruction>;

/// One step after the other.
[[nodiscard]] Journey straight_journey(std::size_t steps);

} // namespace squall::plan
