// What every kind of step is given and gives back.
#pragma once

#include "base/time.hpp"
#include "measure/sample.hpp"

#include <string>

namespace squall::engine {

struct StepTimes {
    Instant intended; // when the step should have begun
    Instant begin;    // now
};

struct StepResult {
    measure::Sample sample;
    std::string error_text; // empty without an error
    bool recorded = false;  // the performer has recorded the sample, and its error's text, itself
};

} // namespace squall::engine
