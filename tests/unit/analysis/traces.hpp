// Recordings of real services (tests/unit/analysis/data): what is known of each stands in its README.
#pragma once

#include "analysis/leak.hpp"

#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace squall::analysis {

struct Trace {
    GaugeSeries fds{"api.fds", GaugeKind::count, {}};
    GaugeSeries rss{"api.rss", GaugeKind::memory, {}};
    GaugeSeries heap{"api.heap_used", GaugeKind::memory, {}};
    std::vector<PhaseSpan> phases;
    std::vector<double> operations_by_second; // of the load
    double operations = 0;                    // of the load
    double triggers = 0;                      // requests of the load that leak
};

namespace traces {

struct Row {
    double at = 0;
    std::string phase;
    double operations = 0;
    double triggers = 0;
    double fds = 0;
    double rss_kib = 0;
    double heap = 0;
};

inline std::vector<Row> read_rows(const std::string& name)
{
    std::ifstream file(std::string(SQUALL_SOURCE_DIR) + "/tests/unit/analysis/data/" + name + ".csv");
    REQUIRE(file);
    std::vector<Row> rows;
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
        std::ranges::replace(line, ',', ' ');
        std::istringstream fields(line);
        Row row;
        fields >> row.at >> row.phase >> row.operations >> row.triggers >> row.fds >> row.rss_kib >> row.heap;
        REQUIRE(fields);
        rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace traces

inline Trace read_trace(const std::string& name)
{
    Trace trace;
    const traces::Row* load_begin = nullptr;
    const traces::Row* before_load = nullptr;
    const auto rows = traces::read_rows(name);
    for (const auto& row : rows) {
        const auto phase = measure::parse_phase(row.phase);
        REQUIRE(phase);
        if (trace.phases.empty() || trace.phases.back().phase != *phase) {
            trace.phases.push_back({*phase, row.at, row.at});
        }
        constexpr double until_the_next = 0.25;
        trace.phases.back().end = row.at + until_the_next;
        trace.fds.points.push_back({row.at, row.fds});
        trace.rss.points.push_back({row.at, row.rss_kib * 1024});
        trace.heap.points.push_back({row.at, row.heap});
        if (*phase == measure::Phase::load) {
            load_begin = load_begin == nullptr ? &row : load_begin;
            trace.operations = row.operations - before_load->operations;
            const auto second = static_cast<std::size_t>(row.at - load_begin->at);
            trace.operations_by_second.resize(second + 1);
            trace.operations_by_second[second] = trace.operations;
        } else if (load_begin == nullptr) {
            before_load = &row;
        }
    }
    trace.triggers = rows.back().triggers - before_load->triggers;
    return trace;
}

/// As a run of one cycle is judged.
inline LeakEstimate judge_trace(const Trace& trace, const GaugeSeries& series, bool collected = false)
{
    const auto span = [&](measure::Phase phase) { return *find_phase(trace.phases, phase); };
    const std::vector<LeakCycle> cycles{
        {span(measure::Phase::load), Rest{span(measure::Phase::quiesce), collected}, trace.operations}};
    LeakInput input{series, Rest{span(measure::Phase::settle), collected}, cycles, trace.operations_by_second};
    input.garbage_collected = true;
    return estimate_leak(input);
}

} // namespace squall::analysis
