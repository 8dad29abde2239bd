// What was recorded in one interval, one entry a step. Windows are merged by addition.
#pragma once

#include "measure/histogram.hpp"
#include "measure/outcome.hpp"
#include "measure/sample.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace squall::measure {

struct StepWindow {
    std::uint64_t requests = 0; // with failed ones
    std::map<ErrorKind, std::uint64_t> errors;
    std::map<std::uint16_t, std::uint64_t> statuses; // answers by HTTP status
    Histogram response;                              // from the intended start
    Histogram service;                               // from the actual start
    Histogram lag; // actual minus intended start, of what was sent in the interval: it may end in a later one
    std::uint64_t censored = 0;
    std::uint64_t recovered = 0;     // late answers that were found by asking again
    std::uint64_t lost = 0;          // and those that were not
    std::uint64_t connections = 0;   // new ones
    std::uint64_t messages_sent = 0; // over WebSockets
    std::uint64_t messages_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    PhaseTimes phase_sums;

    [[nodiscard]] std::uint64_t error_count() const;
    void add(const StepWindow& other);
    void add(const Sample& sample);
    /// Empty again; histograms keep their memory.
    void reset();

    bool operator==(const StepWindow&) const = default;
};

struct Window {
    std::vector<StepWindow> steps; // by step id
    std::uint64_t iterations_started = 0;
    std::uint64_t iterations_completed = 0;
    std::uint64_t iterations_dropped = 0;

    /// An empty window takes the other's number of steps.
    void add(const Window& other);

    bool operator==(const Window&) const = default;
};

} // namespace squall::measure
