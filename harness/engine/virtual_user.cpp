#include "engine/virtual_user.hpp"

namespace squall::engine {

FixedRequests fix_requests(const plan::Plan& plan, const plan::Population& population,
                           const plan::UserMemory& endpoints)
{
    std::vector<bool> fixed_slots(plan.slot_count);
    for (const auto& endpoint : plan.endpoints) {
        fixed_slots[endpoint.slot] = true;
    }
    // What a user of this population writes varies, whoever else gives a value of that name.
    for (const auto& [slot, text] : population.initial) {
        fixed_slots[slot] = false;
    }
    for (const auto& step : population.steps) {
        for (const auto& save : step.saves) {
            fixed_slots[save.slot] = false;
        }
    }
    if (population.data) {
        for (const auto slot : population.data->column_slots) {
            fixed_slots[slot] = false;
        }
    }
    FixedRequests requests;
    for (const auto& step : population.steps) {
        requests.push_back(fix_request(plan, step, fixed_slots, endpoints));
    }
    return requests;
}

VirtualUser::VirtualUser(const UserSurroundings& surroundings, const plan::Population& population,
                         const FixedRequests& fixed, plan::DataCursor* data, std::uint64_t number)
    : surroundings_(surroundings),
      population_(population),
      fixed_(fixed),
      data_(data),
      memory_(surroundings.endpoints),
      generators_{Random(surroundings.plan.seed).stream(population.name, number * 2), &surroundings.sequence},
      random_(Random(surroundings.plan.seed).stream(population.name, number * 2 + 1)),
      http_(surroundings.http, population.cookies),
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
        http_.close();
    }
    busy_ = true;
    surroundings_.recorder.iteration_started();
    bool healthy = true;
    StepResult result;
    for (std::size_t index = 0; healthy && index < population_.steps.size(); ++index) {
        const Instant begin = surroundings_.clock.now();
        const StepTimes times{index == 0 ? intended.value_or(begin) : begin, begin};
        surroundings_.recorder.begun(population_.steps[index].id, begin - times.intended);
        co_await perform(index, times, result);
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

// Not a coroutine: it hands over to the one that fits.
wire::Flow<> VirtualUser::perform(std::size_t index, StepTimes times, StepResult& result)
{
    const plan::Step& step = population_.steps[index];
    const HttpUser user{http_, surroundings_.plan, surroundings_.clock, memory_, generators_, surroundings_.scratch};
    if (fixed_[index]) {
        return perform_fixed(user, step, *fixed_[index], times, result);
    }
    return perform_http(user, step, message_of(index), times, result);
}

HttpMessage& VirtualUser::message_of(std::size_t index)
{
    messages_.resize(population_.steps.size());
    if (!messages_[index]) {
        messages_[index] = std::make_unique<HttpMessage>();
    }
    return *messages_[index];
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
    http_.close();
}

void VirtualUser::rest()
{
    http_.close();
}

} // namespace squall::engine
