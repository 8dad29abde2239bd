#include "measure/window.hpp"

#include "base/assert.hpp"

namespace squall::measure {
std::uint64_t StepWindow::error_count() const
{
    std::uint64_t total = 0;
    for (const auto& [kind, count] : errors) {
        total += count;
    }
    return total;
}

void StepWindow::add(const Sample& sample)
{
    ++requests;
    if (sample.error != ErrorKind::none) {
        ++errors[sample.error];
    }
    if (sample.status != 0) {
        ++statuses[sample.status];
    }
    response.record(sample.end - sample.intended);
    service.record(sample.end - sample.start);
    censored += sample.censored ? 1 : 0;
    connections += sample.connected ? 1 : 0;
    bytes_sent += sample.bytes_sent;
    bytes_received += sample.bytes_received;
    phase_sums += sample.phases;
}

void StepWindow::add(const StepWindow& other)
{
    requests += other.requests;
    for (const auto& [kind, count] : other.errors) {
        if (count > 0) {
            errors[kind] += count;
        }
    }
    for (const auto& [status, count] : other.statuses) {
        if (count > 0) {
            statuses[status] += count;
        }
    }
    response.add(other.response);
    service.add(other.service);
    lag.add(other.lag);
    censored += other.censored;
    recovered += other.recovered;
    lost += other.lost;
    connections += other.connections;
    messages_sent += other.messages_sent;
    messages_received += other.messages_received;
    bytes_sent += other.bytes_sent;
    bytes_received += other.bytes_received;
    phase_sums += other.phase_sums;
}

void StepWindow::reset()
{
    requests = 0;
    // Entries stay at 0: their memory serves the next second.
    for (auto& [kind, count] : errors) {
        count = 0;
    }
    for (auto& [status, count] : statuses) {
        count = 0;
    }
    response.reset();
    service.reset();
    lag.reset();
    censored = 0;
    recovered = 0;
    lost = 0;
    connections = 0;
    messages_sent = 0;
    messages_received = 0;
    bytes_sent = 0;
    bytes_received = 0;
    phase_sums = {};
}

void Window::add(const Window& other)
{
    if (steps.empty()) {
        steps.resize(other.steps.size());
    }
    SQUALL_ASSERT(other.steps.empty() || steps.size() == other.steps.size());
    for (std::size_t step = 0; step < other.steps.size(); ++step) {
        steps[step].add(other.steps[step]);
    }
    iterations_started += other.iterations_started;
    iterations_completed += other.iterations_completed;
    iterations_dropped += other.iterations_dropped;
}

} // namespace squall::measure
