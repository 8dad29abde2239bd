// Readings of a probe as a map, and waiting until a source shows what a test has done.
#pragma once

#include "probes/probe.hpp"
#include "run_task.hpp"

#include <functional>
#include <map>
#include <string>

namespace squall::testing {

using Values = std::map<std::string, double>;

inline Values values_of(const probes::ProbeReading& reading)
{
    Values values;
    for (const auto& gauge : reading.gauges) {
        values[gauge.name] = gauge.value;
    }
    return values;
}

inline probes::ProbeReading read(asio::io_context& io, probes::Probe& probe, Duration within = std::chrono::seconds(10))
{
    return run_task(io, probe.read(in(within)));
}

/// Reads again and again until the values are so, at most 10 s; the last values in any case. A reading that fails ends
/// the test.
inline Values read_until(asio::io_context& io, probes::Probe& probe, const std::function<bool(const Values&)>& so)
{
    const Instant end = in(std::chrono::seconds(10));
    for (;;) {
        const auto reading = read(io, probe);
        if (reading.failure) {
            throw std::runtime_error(*reading.failure);
        }
        auto values = values_of(reading);
        if (so(values) || std::chrono::steady_clock::now() > end) {
            return values;
        }
    }
}

} // namespace squall::testing
