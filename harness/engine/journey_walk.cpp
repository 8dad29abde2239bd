#include "engine/journey_walk.hpp"

#include "base/assert.hpp"

#include <numeric>

namespace squall::engine {

namespace {

// A loop whose rounds do nothing must not keep the thread from its other users.
constexpr int most_in_a_row = 1000;

} // namespace

using Next = JourneyWalk::Next;
using Kind = JourneyWalk::Next::Kind;

Next JourneyWalk::next(Instant now)
{
    now_ = now;
    for (int taken = 0; at_ < sight_.journey.size(); ++taken) {
        if (taken == most_in_a_row) {
            return Next{Kind::wait, 0, Duration::zero()};
        }
        const auto found =
            std::visit([this](const auto& instruction) { return take(instruction); }, sight_.journey[at_]);
        if (found) {
            return *found;
        }
    }
    return {};
}

void JourneyWalk::ended(StepEnd how)
{
    const auto& instruction = sight_.journey.at(at_);
    if (std::holds_alternative<plan::PollUntil>(instruction)) {
        asking_ = how == StepEnd::succeeded ? Asking::answered : Asking::asked;
        return;
    }
    const auto& perform = std::get<plan::Perform>(instruction);
    const auto target = how == StepEnd::timed_out ? perform.on_timeout : perform.on_error;
    if (how == StepEnd::succeeded) {
        ++at_;
    } else if (target) {
        at_ = *target;
    } else {
        fail();
    }
}

void JourneyWalk::fail()
{
    healthy_ = false;
    at_ = static_cast<plan::Position>(sight_.journey.size());
}

std::optional<Next> JourneyWalk::take(const plan::Perform& perform)
{
    return Next{Kind::perform, perform.step, {}};
}

std::optional<Next> JourneyWalk::take(const plan::PollUntil& poll)
{
    if (asking_ == Asking::no) {
        lost_at_ = now_ + poll.length;
    }
    if (asking_ == Asking::waited) {
        return Next{Kind::ask, poll.step, {}};
    }
    if (asking_ == Asking::answered) {
        asking_ = Asking::no;
        ++at_;
        return Next{Kind::recovered, poll.asked_by, {}};
    }
    if (now_ + poll.every > lost_at_) {
        asking_ = Asking::no;
        fail();
        return Next{Kind::lost, poll.asked_by, {}};
    }
    asking_ = Asking::waited;
    return Next{Kind::wait_to_ask, 0, poll.every};
}

std::optional<Next> JourneyWalk::take(const plan::Wait& wait)
{
    ++at_;
    const auto low = wait.length.low.count();
    const auto high = wait.length.high.count();
    return Next{Kind::wait, 0, Duration(sight_.random.between(low, high))};
}

std::optional<Next> JourneyWalk::take(const plan::Jump& jump)
{
    at_ = jump.target;
    return std::nullopt;
}

std::optional<Next> JourneyWalk::take(const plan::JumpUnless& jump)
{
    const bool holds = plan::holds(jump.condition, sight_.memory, sight_.generators, sight_.scratch);
    at_ = holds ? at_ + 1 : jump.target;
    return std::nullopt;
}

std::optional<Next> JourneyWalk::take(const plan::Choose& choose)
{
    const bool varied = sight_.cycle && !choose.by_cycle.empty();
    const auto& weights = varied ? choose.by_cycle.at(*sight_.cycle) : choose.weights;
    const auto sum = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
    auto drawn = sight_.random.between(0, sum - 1);
    std::size_t way = 0;
    while (drawn >= weights[way]) {
        drawn -= weights[way++];
    }
    at_ = choose.targets[way];
    return std::nullopt;
}

std::optional<Next> JourneyWalk::take(const plan::SetCounter& set)
{
    counters_.at(set.counter) = plan::rounds_of(set.times, sight_.memory, sight_.generators, sight_.scratch);
    ++at_;
    return std::nullopt;
}

std::optional<Next> JourneyWalk::take(const plan::CountDown& count)
{
    auto& left = counters_.at(count.counter);
    at_ = left > 0 ? at_ + 1 : count.target;
    left -= left > 0 ? 1 : 0;
    return std::nullopt;
}

} // namespace squall::engine
