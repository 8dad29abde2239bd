#include "engine/population_load.hpp"

#include "arrivals/closed_population.hpp"
#include "base/assert.hpp"
#include "engine/arrival_models.hpp"
#include "wire/deadline.hpp"

#include <algorithm>

namespace squall::engine {
namespace {

constexpr int most_in_a_row = 64;

} // namespace

PopulationLoad::PopulationLoad(const UserSurroundings& surroundings, const plan::Population& population,
                               plan::DataCursor* data, Share share)
    : surroundings_(surroundings),
      population_(population),
      data_(data),
      share_(share),
      fixed_(fix_requests(surroundings.plan, population, surroundings.endpoints)),
      group_(surroundings.events.executor()),
      pace_(surroundings.events.executor())
{}

Task<void> PopulationLoad::run(LoadOrder order)
{
    stopping_ = false;
    if (population_.arrival.is_open()) {
        co_await run_open(order);
    } else {
        co_await run_closed(order);
    }
    co_await finish(order.grace);
}

Task<void> PopulationLoad::sleep_until(Instant at)
{
    pace_.expires_at(at);
    co_await pace_.async_wait(use_result);
}

// ---- closed model
// ----------------------------------------------------------------------------------------------------

Task<void> PopulationLoad::run_closed(LoadOrder order)
{
    const auto wanted = closed_population(population_.arrival, order.length, order.scale);
    const Instant end = order.begin + order.length;
    while (!stopping_) {
        const Instant now = surroundings_.clock.now();
        if (now >= end) {
            break;
        }
        const Duration elapsed = std::max(now - order.begin, Duration::zero());
        const auto total = static_cast<std::uint64_t>(wanted.users_at(elapsed));
        set_user_count(static_cast<std::size_t>(share_.of(total)));
        const auto change = wanted.next_change(elapsed);
        co_await sleep_until(change ? std::min(order.begin + *change, end) : end);
    }
}

void PopulationLoad::set_user_count(std::size_t wanted)
{
    for (; active_ < wanted; ++active_) {
        user_at(active_).resume();
        at_work_.resize(users_.size());
        if (!at_work_[active_]) {
            at_work_[active_] = true;
            group_.spawn(closed_user(active_));
        }
    }
    for (; active_ > wanted; --active_) {
        users_[active_ - 1]->stop();
    }
}

wire::Flow<> PopulationLoad::closed_user(std::size_t index)
{
    VirtualUser& user = *users_[index];
    const bool thinks = population_.think.high > Duration::zero();
    while (!user.stopping()) {
        const auto outcome = co_await user.iterate(std::nullopt);
        if (outcome == VirtualUser::Iteration::out_of_data) {
            break;
        }
        if (thinks) {
            co_await user.think();
        }
    }
    at_work_[index] = false;
}

// ---- open model
// ------------------------------------------------------------------------------------------------------

Task<void> PopulationLoad::run_open(LoadOrder order)
{
    auto schedule = open_pacer(population_, order, surroundings_.plan.seed);
    std::uint64_t number = 0;
    int in_a_row = 0;
    // A generator far behind must end too: what it has not sent by then it never will, and counts as dropped.
    const Instant last_start = order.begin + order.length + order.grace;
    for (auto next = schedule.next(); next && !stopping_; next = schedule.next()) {
        if (!share_.mine(number++)) {
            continue;
        }
        const Instant intended = order.begin + *next;
        // Every overdue arrival is dispatched at once: there is no catch-up throttle.
        while (!stopping_ && surroundings_.clock.now() < intended) {
            in_a_row = 0;
            co_await sleep_until(intended);
        }
        // Answers that have come meanwhile must not wait behind a long row of overdue arrivals, nor may one open a
        // connection while an answer makes one free: at the begin of a load that alone would keep them overdue.
        const bool overdue = in_a_row++ > 0;
        if (overdue && (free_users_.empty() || in_a_row % most_in_a_row == 0) &&
            surroundings_.clock.now() < last_start) {
            co_await asio::post(surroundings_.events.executor(), asio::use_awaitable);
        }
        if (!stopping_ && surroundings_.clock.now() < last_start) {
            dispatch(intended);
        } else if (!stopping_) {
            surroundings_.recorder.iteration_dropped();
        }
    }
    while (!stopping_ && surroundings_.clock.now() < order.begin + order.length) {
        co_await sleep_until(order.begin + order.length);
    }
}

void PopulationLoad::dispatch(Instant intended)
{
    if (free_users_.empty()) {
        if (users_.size() >= share_.of(static_cast<std::uint64_t>(population_.arrival.max_in_flight))) {
            surroundings_.recorder.iteration_dropped();
            return;
        }
        free_users_.push_back(&user_at(users_.size()));
    }
    VirtualUser* user = free_users_.back();
    free_users_.pop_back();
    group_.spawn(open_iteration(*user, intended));
}

wire::Flow<> PopulationLoad::open_iteration(VirtualUser& user, Instant intended)
{
    user.resume();
    co_await user.iterate(intended);
    free_users_.push_back(&user);
}

// ---- both
// ------------------------------------------------------------------------------------------------------------

VirtualUser& PopulationLoad::user_at(std::size_t local_index)
{
    if (local_index == users_.size()) {
        const auto number = local_index * share_.count + share_.index;
        users_.push_back(std::make_unique<VirtualUser>(surroundings_, population_, fixed_, data_, number));
    }
    return *users_[local_index];
}

Task<void> PopulationLoad::finish(Duration grace)
{
    stop();
    {
        const wire::DeadlineGuard terminal(surroundings_.events.executor(), surroundings_.clock.now() + grace,
                                           [this] { abort(); });
        co_await group_.join();
    }
    for (auto& user : users_) {
        user->rest();
    }
    active_ = 0;
}

void PopulationLoad::stop()
{
    stopping_ = true;
    pace_.cancel();
    for (auto& user : users_) {
        user->stop();
    }
}

void PopulationLoad::abort()
{
    stop();
    for (auto& user : users_) {
        user->abort();
    }
}

int PopulationLoad::users() const
{
    return static_cast<int>(population_.arrival.is_open() ? users_.size() - free_users_.size() : active_);
}

int PopulationLoad::in_flight() const
{
    return static_cast<int>(std::count_if(users_.begin(), users_.end(), [](const auto& user) { return user->busy(); }));
}

} // namespace squall::engine
