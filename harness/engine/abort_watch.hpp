// Ends a load that need not go on: checks with `abort = true`, followed second by second. Pure.
#pragma once

#include "measure/window.hpp"
#include "scenario/scenario.hpp"
#include "slo/load_judge.hpp"

#include <optional>
#include <string>
#include <vector>

namespace squall::engine {

/// A check ends the load when it is missed and has samples, from its delay on (k6: abortOnFail, delayAbortEval).
/// Without samples nothing is known yet: that is judged at the end.
class AbortWatch {
public:
    /// Checks without `abort` are left aside. Their syntax has been checked (check_slos.hpp).
    AbortWatch(const std::vector<scenario::Check>& checks, const std::vector<std::string>& step_names,
               bool one_population);

    /// The next second of the load, in seconds since the run's start. Why the load shall end now, "EXPRESSION: …";
    /// nothing: it goes on.
    [[nodiscard]] std::optional<std::string> add(const measure::Window& second, double begin, double end);
    /// What is added next is of a further load.
    void next_load();

private:
    struct Watched {
        slo::LoadJudge judge;
        double after_seconds = 0;
    };
    std::vector<Watched> watched_;
    double load_seconds_ = 0; // so far, of all loads
};

} // namespace squall::engine
