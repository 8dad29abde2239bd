#include "measure/recorder.hpp"

#include "base/assert.hpp"

namespace squall::measure {

Recorder::Recorder(std::size_t steps)
{
    constexpr Duration common = std::chrono::seconds(1);
    window_.steps.resize(steps);
    for (auto& step : window_.steps) {
        step.response.reserve(common);
        step.service.reserve(common);
        step.lag.reserve(common);
    }
}

void Recorder::begun(std::size_t step, Duration lag)
{
    SQUALL_ASSERT(step < window_.steps.size());
    window_.steps[step].lag.record(lag);
}

void Recorder::record(const Sample& sample)
{
    SQUALL_ASSERT(sample.step < window_.steps.size());
    window_.steps[sample.step].add(sample);
}

void Recorder::message_sent(std::size_t step, std::size_t bytes)
{
    SQUALL_ASSERT(step < window_.steps.size());
    ++window_.steps[step].messages_sent;
    window_.steps[step].bytes_sent += bytes;
}

void Recorder::message_received(std::size_t step, std::size_t bytes)
{
    SQUALL_ASSERT(step < window_.steps.size());
    ++window_.steps[step].messages_received;
    window_.steps[step].bytes_received += bytes;
}

void Recorder::late_answer(std::size_t step, bool recovered)
{
    SQUALL_ASSERT(step < window_.steps.size());
    ++(recovered ? window_.steps[step].recovered : window_.steps[step].lost);
}

Window Recorder::take()
{
    Window taken;
    taken.add(window_);
    for (auto& step : window_.steps) {
        step.reset();
    }
    window_.iterations_started = 0;
    window_.iterations_completed = 0;
    window_.iterations_dropped = 0;
    return taken;
}

} // namespace squall::measure
