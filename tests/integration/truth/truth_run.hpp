// One run of the real squall against a server of known latency, and how its percentiles are held against the truth.
#pragma once

#include "arrivals/open_schedule.hpp"
#include "integration/truth/server.hpp"
#include "measure/histogram.hpp"
#include "result/run_result.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace squall::truth {

/// How the sampled user arrives. Beside it a second user asks for an answer without delay at the same rate all the
/// time: what it measures is the noise of generator, machine and server in this very run.
struct Load {
    enum class Model { constant, poisson, closed };
    Model model = Model::constant;
    Rate rate;
    Duration length{};

    /// What squall plans for this load, from the first arrival of the phase; open models only.
    [[nodiscard]] std::vector<Duration> planned_arrivals() const;
};

struct Measured {
    result::RunResult run;
    result::StepResult sample;
    measure::Histogram undelayed; // response times of the second user
    measure::Histogram service;   // service times of the sampled user
    std::vector<Duration> arrivals;
    Instant origin;

    [[nodiscard]] Duration noise() const { return undelayed.max(); }
    /// Empty, or why nothing can be said of this run: the machine was too noisy for any judgement.
    [[nodiscard]] std::string spoilt() const;
};

/// Runs squall to its end; `meanwhile` is called with its process id once the first sample has come. Anything but a
/// finished run fails the test.
[[nodiscard]] Measured run_against(const Load& load, std::unique_ptr<Schedule> schedule,
                                   const std::function<void(pid_t, Instant origin)>& meanwhile = {});

/// 50, 90, 95, 99, 99.9 or 100 (the maximum) as result.json has it.
[[nodiscard]] Duration reported(const result::LatencySummary& summary, Percentile p);

/// A percentile as it is in truth and what may be reported for it. The histogram's bucket width is in both bounds.
struct Bounds {
    Percentile percentile;
    Duration truth{};
    Duration low{};
    Duration high{};
};

using Quantile = std::function<Duration(Percentile)>;

/// The tolerance of statistics.md 4: 1/R, bucket width, and what the machine added in this run. Noise only delays, so
/// that it widens the upper bound alone.
class Judge {
public:
    /// Noise delays a request alone, or also those that queue behind it.
    enum class Noise { alone, queued };

    Judge(const measure::Histogram& undelayed, Noise noise, Duration below, Duration above)
        : undelayed_(undelayed),
          noise_(noise),
          below_(below),
          above_(above)
    {}
    /// `sampling_error`: of so few samples, where `truth` is that of infinitely many.
    [[nodiscard]] Bounds bounds(Percentile p, const Quantile& truth, Duration sampling_error = {}) const;

private:
    [[nodiscard]] Duration delayed(Percentile p, const Quantile& truth) const;

    const measure::Histogram& undelayed_;
    Noise noise_;
    Duration below_;
    Duration above_;
};

/// Width of the bucket that holds `value` in a histogram of 1 µs and three digits.
[[nodiscard]] Duration bucket_width(Duration value);

/// One line for each percentile out of its bounds. Empty: none is.
[[nodiscard]] std::string misses(const result::LatencySummary& summary, const std::vector<Bounds>& bounds);
/// One line when the server did not see every planned arrival at its time.
[[nodiscard]] std::string late_arrivals(const Load& load, const Measured& measured);

/// Repeats a run that noise spoilt, or that missed the truth, up to three times in all: noise passes, a wrong
/// measurement stays. Every attempt that does not hold is a warning, the last one fails the test.
struct Attempt {
    std::string spoilt;
    std::string missed;
};
void holds(const std::function<Attempt()>& attempt);

} // namespace squall::truth
