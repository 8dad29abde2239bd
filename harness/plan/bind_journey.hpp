// The tree of a user's steps as the program of its journey.
#pragma once

#include "plan/binder.hpp"
#include "plan/journey.hpp"

#include <functional>
#include <string>
#include <vector>

namespace squall::plan {

/// What the journey needs of the steps that send something.
struct StepBinding {
    Scope& scope; // grows with what steps save
    Binder& binder;
    /// Binds the step, adds it to the population's, and gives its index there.
    std::function<std::uint32_t(const scenario::Step& step)> add;
};

/// Binds the steps in the order of the file. Loops that are too deep are reported.
[[nodiscard]] Journey bind_journey(const std::vector<scenario::Step>& steps, const StepBinding& binding);

} // namespace squall::plan
