#include "engine/virtual_user.hpp"

namespace squall::engine {

VirtualUser::VirtualUser(const UserSurroundings& surroundings, const plan::Population& population,
                         plan::DataCursor* data, std::uint64_t number)
    : surroundings_(surroundings),
      population_(population),
      data_(data),
      memory_(surroundings.endpoints),
      generators_{Random(surroundings.plan.seed).stream(population.name, number * 2), &surroundings.sequence},
      random_(Random(surroundings.plan.seed).stream(population.name, number * 2 + 1)),
      http_(surroundings.executor, surroundings.http, population.cookies),
      step_memories_(population.steps.size()),
      pause_(surroundings.executor)
{}

bool VirtualUser::begin_iteration()
{
    if (data_ != nullptr && !data_->load_next(random_, memory_)) {
        return false;
    }
    std::string text;
    for (const auto& [slot, initial] : population_.initial) {
        text.clear();
        plan::render(initial, memory_, generators_, text);
        memory_.set(slot, text);
    }
    return true;
}

Task<VirtualUser::Iteration> VirtualUser::iterate(Instant intended)
{
    if (!begin_iteration()) {
        co_return Iteration::out_of_data;
    }
    if (population_.connection == scenario::Connection::per_iteration) {
        http_.close();
    }
    busy_ = true;
    surroundings_.recorder.iteration_started();
    bool healthy = true;
    for (std::size_t index = 0; healthy && index < population_.steps.size(); ++index) {
        const Instant step_intended = index == 0 ? intended : surroundings_.clock.now();
        healthy = co_await perform(index, step_intended);
    }
    surroundings_.recorder.iteration_completed();
    busy_ = false;
    co_return healthy ? Iteration::completed : Iteration::failed;
}

Task<bool> VirtualUser::perform(std::size_t index, Instant intended)
{
    const plan::Step& step = population_.steps[index];
    const auto done = co_await perform_http(http_, surroundings_.plan, step, memory_, generators_,
                                            step_memories_[index], StepTimes{intended, surroundings_.clock.now()});
    surroundings_.recorder.record(done.sample);
    if (done.sample.error != measure::ErrorKind::none) {
        surroundings_.examples.note(step.id, done.sample.error, done.error_text);
    }
    co_return done.sample.error == measure::ErrorKind::none;
}

Task<void> VirtualUser::think()
{
    const auto& range = population_.think;
    const auto length = Duration(random_.between(range.low.count(), range.high.count()));
    if (length > Duration::zero()) {
        co_await wait_until(surroundings_.clock.now() + length);
    }
}

Task<void> VirtualUser::wait_until(Instant at)
{
    if (stopping_) {
        co_return;
    }
    pause_.expires_at(at);
    co_await pause_.async_wait(use_result);
}

void VirtualUser::stop()
{
    stopping_ = true;
    pause_.cancel();
}

void VirtualUser::abort()
{
    stop();
    http_.close();
}

void VirtualUser::rest()
{
    http_.close();
}

} // namespace squall::engine
