// Reads a set of probes, each at its own interval, and hands every reading to a callback.
#pragma once

#include "probes/probe.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace squall::probes {

struct SampledProbe {
    std::unique_ptr<Probe> probe;
    Duration every = std::chrono::milliseconds(250);
};

/// Told when a probe begins to fail (with its words) and when it reads again (without).
struct ProbeChange {
    std::string probe;
    std::optional<std::string> failure;
};

/// Everything happens on the executor, which must be one thread or a strand, callbacks included. A probe never overlaps
/// with itself: ticks that pass during a slow read are skipped. A probe that throws counts as failing.
class Sampler {
public:
    using OnReading = std::function<void(Instant at, const std::string& probe, const ProbeReading& reading)>;
    using OnChange = std::function<void(Instant at, const ProbeChange& change)>;

    /// `clock` gives the instants that the callbacks see and must be the steady one wherever the executor's timers are.
    /// Each read may take `read_timeout`.
    Sampler(asio::any_io_executor executor, const Clock& clock, std::vector<SampledProbe> probes, OnReading on_reading,
            OnChange on_change, Duration read_timeout = std::chrono::seconds(2));
    /// Without a stop before it, the reads under way are cancelled and their results dropped.
    ~Sampler();
    Sampler(const Sampler&) = delete;
    Sampler& operator=(const Sampler&) = delete;

    /// Once. Every probe is read at once, then at its interval.
    void start();
    /// Lets the reads under way end until `deadline`, then cancels them; when it returns none runs and no callback
    /// follows.
    Task<void> stop(Instant deadline);

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace squall::probes
