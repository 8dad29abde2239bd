// A source of gauges. One kind a file; each is made by the factory that its header declares.
#pragma once

#include "base/time.hpp"
#include "wire/task.hpp"

#include <optional>
#include <string>
#include <vector>

namespace squall::probes {

/// One value of a gauge. `name` is whole: "postgres.connections", "postgres.connections{application=api}".
struct GaugeReading {
    std::string name;
    double value = 0;
};

/// What one look at the source gave. A failure does not exclude gauges: what could be read is there.
struct ProbeReading {
    std::vector<GaugeReading> gauges;
    std::optional<std::string> failure; // for a person, without the probe's name; never stops the run
};

/// Used from one thread (that of the executor the reading coroutine runs on); one reading at a time.
class Probe {
public:
    virtual ~Probe() = default;
    Probe() = default;
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;

    /// The prefix of all its gauges.
    [[nodiscard]] virtual const std::string& name() const = 0;
    /// Never waits longer than the deadline. What the source does wrong is a failure in the reading, not an exception.
    virtual Task<ProbeReading> read(Instant deadline) = 0;
};

/// Every probe's application_name and Redis client name; probes leave each other out of their counts.
constexpr const char* probe_client_name = "squall-probe";

/// A reading that is nothing but a failure.
[[nodiscard]] inline ProbeReading failed_reading(std::string why)
{
    ProbeReading reading;
    reading.failure = std::move(why);
    return reading;
}

} // namespace squall::probes
