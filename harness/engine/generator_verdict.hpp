// Whether the generator kept its schedule, and what held it back. Pure.
//
// A run is INVALID when more than 1 % of the arrivals that it planned (and at least 10 of them) were lost by the
// generator's own fault: sent late, dropped while it had no CPU left, or failed for want of its own descriptors or
// ports. 99 % is what k6 users ask of `dropped_iterations` and wrk2 of its rate; below it a p99 is no longer the
// service's.
//
// Late: a send more than max(10 ms, a tenth of the service time's p99, but no more than 100 ms) behind its plan.
// Response times hold the lag already, so what counts is a lag that a reader would take for the service's slowness; 10
// ms is what a thread of an idle machine never reaches. Where the engine threads had CPU to spare the lag came from a
// machine that others keep busy; then only sends that are more than 100 ms late count, and only if they are more than
// half a second's worth. A thread that was late in seconds of which it used a good half was late by its own work: a
// burst, such as opening all connections at once, need not fill a second.
//
// No CPU left: the busiest engine thread ran, or was ready to run, 90 % of the time. One thread at its end is enough:
// users never change threads. The process as a whole may look idle beside it.
//
// Not INVALID, but said: arrivals dropped while the generator had CPU to spare. The service held max_in_flight
// iterations; that is a finding about the service, every percentile counts the dropped ones as slowest, and SLOs judge
// so. Nor a closed loop on a busy thread: it has no schedule, but its rate and its times are then the generator's too.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace squall::engine {

enum class HeldBack { nothing, cpu, machine, descriptors, ports, target };

/// Of the load phase.
struct GeneratorFacts {
    bool open = false;         // some population arrives at a rate
    std::uint64_t planned = 0; // arrivals of open populations
    std::uint64_t dropped = 0;
    std::uint64_t dropped_without_cpu = 0; // of these, in seconds in which an engine thread had no CPU left
    double load_seconds = 0;               // in which the plan lets them arrive
    double sending_seconds = 0;            // in which they were sent: longer, for a generator that is behind
    double late_share = 0;                 // of the sends, behind late_limit()
    double very_late_share = 0;            // of the sends, behind longest_late_limit
    double wanted_when_late = 0; // what the busiest thread ran and waited to run in the seconds with late sends, 0 … 1
    double ran_mean = 0;         // of the busiest thread, share of a core
    double waited_mean = 0;
    double ran_in_trouble = 0; // the same in seconds in which a thread had no CPU left or sends were late
    double waited_in_trouble = 0;
    int threads = 1;
    std::uint64_t requests = 0;
    std::uint64_t out_of_descriptors = 0; // requests that failed so
    std::uint64_t out_of_ports = 0;
};

struct GeneratorVerdict {
    bool invalid = false;
    HeldBack held_back = HeldBack::nothing;
    std::string reason;             // of an invalid run: what was reached, what held it back, what to do
    std::vector<std::string> notes; // what else a reader should know
    std::optional<double> planned_per_second;
    std::optional<double> reached_per_second; // started on time
};

inline constexpr Duration longest_late_limit = std::chrono::milliseconds(100);
inline constexpr double no_cpu_left = 0.9;   // share of the time that a thread ran or was ready to
inline constexpr double half_its_time = 0.5; // a thread late although it slept longer was woken late

[[nodiscard]] Duration late_limit(Duration service_p99);
[[nodiscard]] GeneratorVerdict judge_generator(const GeneratorFacts& facts);
[[nodiscard]] std::string to_string(HeldBack held_back);

} // namespace squall::engine
