// What the shells of the limiters have in common: callers that wait in their coroutines for what a state decides.
#pragma once

#include "refkit/clock_reader.hpp"
#include "refkit/limiter/caller.hpp"
#include "refkit/mutants.hpp"
#include "refkit/parking.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace squall::refkit {

/// One thread: the executor's. `State` is ConcurrencyState or RateState; `Timer` is asio::steady_timer, or what a
/// simulation puts in its place. Held by std::shared_ptr.
template <typename State, typename Timer>
class QueueCore : public std::enable_shared_from_this<QueueCore<State, Timer>> {
public:
    using Callers = Parking<CallerId, std::optional<Rejection>>; // admitted, or why not
    using Caller = typename Callers::Caller;

    [[nodiscard]] const State& state() const { return state_; }
    [[nodiscard]] Instant now() const { return clock_.now(); }

    /// May be answered before this returns.
    void enter(Caller& caller, Instant at, Instant deadline)
    {
        caller.id = state_.acquire(at, deadline);
        callers_.enter(caller);
        act();
    }
    /// What try_acquire() would give now; false, and nothing is counted, when that is nothing.
    [[nodiscard]] bool take(Instant at) { return state_.take(at); }
    /// The caller is gone; what it was given and did not take goes to the next.
    void leave(const Caller& caller)
    {
        const bool refused = caller.outcome && *caller.outcome;
        if (callers_.leave(caller) && !refused && !SQUALL_MUTANT(cancelled_keeps_queueing)) {
            state_.cancel(caller.id, now());
            act();
        }
    }
    /// The caller does not want to wait any more. Whoever was given a place has it, also when it is cancelled then.
    void cancel_waiting(CallerId id)
    {
        if (callers_.waiting(id) == nullptr) {
            return;
        }
        if (SQUALL_MUTANT(cancelled_keeps_queueing)) {
            callers_.answer(id, Rejection{Errc::acquire_cancelled, std::nullopt});
            return;
        }
        state_.cancel(id, now());
        act();
    }
    void tick()
    {
        state_.tick(now());
        act();
    }
    void fail_all()
    {
        state_.fail_all(Errc::acquire_cancelled);
        act();
    }

protected:
    template <typename... Of>
    QueueCore(asio::any_io_executor executor, std::shared_ptr<const Clock> clock, Of&&... of)
        : clock_(std::move(clock)),
          state_(std::forward<Of>(of)...),
          timer_(std::move(executor))
    {}
    ~QueueCore() = default;

    /// After each event. Nobody comes back here meanwhile: answers are taken in turns of their own.
    void act()
    {
        if (state_.has_actions()) {
            state_.take_actions(actions_);
            for (const auto& action : actions_) {
                std::visit([this](const auto& wanted) { this->perform(wanted); }, action);
            }
            actions_.clear();
        }
    }

    ClockReader clock_;
    State state_;
    Callers callers_;

private:
    void perform(const Answer& answer) { callers_.answer(answer.caller, answer.refused); }
    void perform(const WakeAt& wake)
    {
        timer_.expires_at(wake.at);
        timer_.async_wait(Alarm<QueueCore>(this->weak_from_this()));
    }

    Timer timer_;
    std::vector<LimiterAction> actions_; // being performed
};

/// A caller's place in the queue of a LimiterCore or GcraCore; leaving it early gives up what was assigned.
template <typename Core>
class QueuePlace {
public:
    explicit QueuePlace(std::shared_ptr<Core> core) : core_(std::move(core)) {}
    ~QueuePlace() { core_->leave(caller_); }
    QueuePlace(const QueuePlace&) = delete;
    QueuePlace& operator=(const QueuePlace&) = delete;

    /// True when it was answered already.
    bool enter(Instant at, Instant deadline)
    {
        core_->enter(caller_, at, deadline);
        return caller_.outcome.has_value();
    }
    /// To be awaited: until it is answered.
    auto wait() { return caller_.suspension.wait(*core_, caller_.id); }
    /// What it was answered.
    Admission<typename Core::Permit> take()
    {
        if (const auto& refused = *caller_.outcome) {
            return *refused;
        }
        return Core::collect(core_, caller_);
    }

private:
    std::shared_ptr<Core> core_;
    typename Core::Caller caller_;
};

/// What a caller gets at once, or waits for until `deadline`, and for no longer than `patience`.
template <typename Core>
Task<Admission<typename Core::Permit>> wait_in_queue(std::shared_ptr<Core> core, Instant deadline, Duration patience)
{
    const auto at = core->now();
    if (core->take(at)) {
        co_return Core::admit(core, at);
    }
    QueuePlace<Core> place(core);
    if (!place.enter(at, std::min(deadline, saturating_add(at, patience)))) {
        auto answered = place.wait();
        co_await std::move(answered);
    }
    co_return place.take();
}

} // namespace squall::refkit
