// From what a driver measured to the sample of the step that it served.
#pragma once

#include "drivers/exchange.hpp"
#include "engine/step_result.hpp"
#include "plan/plan.hpp"

#include <string>
#include <utility>

namespace squall::engine {

/// `status`: of HTTP, 0 elsewhere. Given up by us while it was in flight, its age is only the least that it would have
/// taken: censored.
[[nodiscard]] inline measure::Sample sample_of(const plan::Step& step, StepTimes times,
                                               const drivers::Exchange& exchange, measure::ErrorKind error,
                                               int status = 0)
{
    using measure::ErrorKind;
    measure::Sample sample;
    sample.step = step.id;
    sample.intended = times.intended;
    sample.start = exchange.started;
    sample.end = exchange.ended;
    sample.error = error;
    sample.status = static_cast<std::uint16_t>(status);
    sample.bytes_sent = exchange.bytes_sent;
    sample.bytes_received = exchange.bytes_received;
    sample.phases = exchange.phases;
    sample.connected = exchange.new_connection;
    sample.censored = error == ErrorKind::cancelled || error == ErrorKind::timeout;
    return sample;
}

/// The step could not be rendered, or may not be sent where it points: `why` is told to a person.
inline void not_sent(const plan::Step& step, StepTimes times, std::string why, StepResult& result)
{
    drivers::Exchange nothing;
    nothing.started = times.begin;
    nothing.ended = times.begin;
    result.sample = sample_of(step, times, nothing, measure::ErrorKind::internal);
    result.error_text = std::move(why);
}

} // namespace squall::engine
