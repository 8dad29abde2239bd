// Whether a condition holds for a user.
#pragma once

#include "plan/journey.hpp"
#include "plan/render.hpp"

#include <string>

namespace squall::plan {

/// `scratch` is written over. Less and greater compare numbers: with anything else they do not hold.
[[nodiscard]] bool holds(const Condition& condition, const UserMemory& memory, GeneratorState& generators,
                         std::string& scratch);

/// Rounds of a loop: what the text says when it is an integer from 0, else 0.
[[nodiscard]] std::uint32_t rounds_of(const BoundText& times, const UserMemory& memory, GeneratorState& generators,
                                      std::string& scratch);

} // namespace squall::plan
