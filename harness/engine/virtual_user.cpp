#include "engine/virtual_user.hpp"

#include "engine/answer_checks.hpp"

namespace squall::engine {

VirtualUser::VirtualUser(const UserSurroundings& surroundings, const plan::Population& population,
                         const FixedRequests& fixed, plan::DataCursor* data, std::uint64_t number)
    : surroundings_(surroundings),
      population_(population),
      data_(data),
      memory_(surroundings.endpoints),
      generators_{Random(surroundings.plan.seed).stream(population.name, number * 2), &surroundings.sequence},
      random_(Random(surroundings.plan.seed).stream(population.name, number * 2 + 1)),
      parts_{surroundings_, population_, fixed, memory_, generators_, random_, number, stopping_},
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
    JourneyWalk walk({population_.journey, memory_, generators_, random_, surroundings_.scratch, surroundings_.cycle});
    using Kind = JourneyWalk::Next::Kind;
    StepResult result;
    bool hurried = true; // nothing was waited for: what goes on so, round after round, must not keep the thread
    auto next = walk.next(surroundings_.clock.now());
    for (; next.kind != Kind::end && !aborted_; next = walk.next(surroundings_.clock.now())) {
        if (next.kind == Kind::wait || next.kind == Kind::wait_to_ask) {
            intended.reset(); // what follows is planned by the user, not by the arrival
            // An answer that is being asked for is found or lost within the grace period.
            const bool ends_with_load = next.kind == Kind::wait;
            if (ends_with_load && stopping_) {
                break;
            }
            co_await wait(next.pause);
            if (ends_with_load && stopping_) {
                break; // it was cut short, and what comes behind it would come too early
            }
            continue;
        }
        const plan::Step& step = population_.steps[next.step];
        if (next.kind == Kind::recovered || next.kind == Kind::lost) {
            surroundings_.recorder.late_answer(step.id, next.kind == Kind::recovered);
            continue;
        }
        const Instant begin = surroundings_.clock.now();
        const StepTimes times{intended.value_or(begin), begin};
        intended.reset();
        surroundings_.recorder.begun(step.id, times.begin - times.intended);
        result.recorded = false;
        co_await performer_of(step).perform(step, times, result);
        const auto end = write_down(step, result, next.kind == Kind::ask);
        walk.ended(end);
        if (end != StepEnd::succeeded) {
            co_await surroundings_.events.wakes.turn();
        }
        hurried = false;
    }
    if (hurried) {
        co_await surroundings_.events.wakes.turn();
    }
    if (next.kind == Kind::end) {
        surroundings_.recorder.iteration_completed();
    }
    for (auto& performer : performers_) {
        if (performer) {
            performer->end_iteration();
        }
    }
    busy_ = false;
    co_return walk.is_healthy() ? Iteration::completed : Iteration::failed;
}

wire::Flow<> VirtualUser::wait(Duration length)
{
    if (length == Duration::zero()) {
        co_await surroundings_.events.wakes.turn();
    } else {
        co_await pause_.until(surroundings_.clock.now() + length);
    }
}

StepEnd VirtualUser::write_down(const plan::Step& step, StepResult& result, bool asking)
{
    if (step.checks.error) {
        auto judged = judge_refusal(*step.checks.error, {result.sample.error, std::move(result.error_text)});
        result.sample.error = judged.kind;
        result.error_text = std::move(judged.text);
    }
    const auto error = result.sample.error;
    // An answer that is not there yet is none of the service's errors.
    const bool not_yet = asking && measure::is_unexpected_answer(error);
    result.sample.error = not_yet ? measure::ErrorKind::none : error;
    if (!result.recorded) {
        surroundings_.recorder.record(result.sample);
    }
    if (error == measure::ErrorKind::none) {
        return StepEnd::succeeded;
    }
    if (!not_yet && !result.recorded) {
        surroundings_.examples.note(step.id, error, result.error_text);
    }
    return error == measure::ErrorKind::timeout ? StepEnd::timed_out : StepEnd::failed;
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
    for (auto& performer : performers_) {
        if (performer) {
            performer->stop();
        }
    }
}

void VirtualUser::abort()
{
    aborted_ = true;
    stop();
    close();
}

void VirtualUser::rest()
{
    close();
}

} // namespace squall::engine
