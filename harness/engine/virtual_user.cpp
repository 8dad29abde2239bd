#include "engine/virtual_user.hpp"

namespace squall::engine {

VirtualUser::VirtualUser(const UserSurroundings& surroundings, const plan::Population& population,
                         const FixedRequests& fixed, plan::DataCursor* data, std::uint64_t number)
    : surroundings_(surroundings),
      population_(population),
      data_(data),
      memory_(surroundings.endpoints),
      generators_{Random(surroundings.plan.seed).stream(population.name, number * 2), &surroundings.sequence},
      random_(Random(surroundings.plan.seed).stream(population.name, number * 2 + 1)),
      parts_{surroundings_, population_, fixed, memory_, generators_, random_, number},
      pause_(surroundings.events.timers)
{}

bool VirtualUser::begin_iteration()
{
    if (data_ != nullptr && !data_->load_next(random_, memory_)) {
        return false;
    }
    for (const auto& [slot, initial] : population_.initial) {
        surroundings_.scratch.clear();
        plan::render(initial, memory_, generators_, surroundings_.scratch);
        memory_.assign(slot, surroundings_.scratch);
    }
    return true;
}

wire::Flow<VirtualUser::Iteration> VirtualUser::iterate(std::optional<Instant> intended)
{
    if (!begin_iteration()) {
        co_return Iteration::out_of_data;
    }
    if (population_.connection == scenario::Connection::per_iteration) {
        close();
    }
    busy_ = true;
    surroundings_.recorder.iteration_started();
    bool healthy = true;
    StepResult result;
    for (std::size_t index = 0; healthy && index < population_.steps.size(); ++index) {
        const Instant begin = surroundings_.clock.now();
        const StepTimes times{index == 0 ? intended.value_or(begin) : begin, begin};
        const plan::Step& step = population_.steps[index];
        surroundings_.recorder.begun(step.id, begin - times.intended);
        co_await performer_of(step).perform(step, times, result);
        surroundings_.recorder.record(result.sample);
        healthy = result.sample.error == measure::ErrorKind::none;
        if (!healthy) {
            surroundings_.examples.note(result.sample.step, result.sample.error, result.error_text);
        }
    }
    surroundings_.recorder.iteration_completed();
    busy_ = false;
    co_return healthy ? Iteration::completed : Iteration::failed;
}

Performer& VirtualUser::performer_of(const plan::Step& step)
{
    auto& performer = performers_[step.action.index()];
    if (!performer) {
        performer = make_performer(step, parts_);
    }
    return *performer;
}

void VirtualUser::close()
{
    for (auto& performer : performers_) {
        if (performer) {
            performer->close();
        }
    }
}

Instant VirtualUser::end_of_think()
{
    const auto& range = population_.think;
    return surroundings_.clock.now() + Duration(random_.between(range.low.count(), range.high.count()));
}

void VirtualUser::stop()
{
    stopping_ = true;
    pause_.cancel();
}

void VirtualUser::abort()
{
    stop();
    close();
}

void VirtualUser::rest()
{
    close();
}

} // namespace squall::engine
