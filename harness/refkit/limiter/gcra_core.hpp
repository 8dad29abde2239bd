// The inside of a GcraLimiter, shared with its callers, so that each may go first.
#pragma once

#include "refkit/clock_reader.hpp"
#include "refkit/limiter/rate_state.hpp"
#include "refkit/parking.hpp"

#include <memory>
#include <utility>

namespace squall::refkit {

/// One thread: the executor's. `Timer` is asio::steady_timer, or what a simulation puts in its place.
template <typename Timer>
class GcraCore : public std::enable_shared_from_this<GcraCore<Timer>> {
public:
    using Places = Parking<CallerId, Admission<void>, Timer>;
    using Caller = typename Places::Caller;

    GcraCore(asio::any_io_executor executor, RateParams params, std::shared_ptr<const Clock> clock)
        : executor_(std::move(executor)),
          clock_(std::move(clock)),
          state_(params),
          timer_(executor_)
    {}

    [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }
    [[nodiscard]] const RateState& state() const { return state_; }
    [[nodiscard]] Instant now() const { return clock_.now(); }

    [[nodiscard]] Admission<void> try_acquire()
    {
        const auto admission = state_.try_acquire(now());
        act();
        return admission;
    }
    void enter(Caller& caller, Instant deadline)
    {
        caller.id = state_.acquire(now(), deadline);
        places_.enter(caller);
        act();
    }
    /// The caller goes; its turn is the next one's.
    void leave(const Caller& caller)
    {
        if (places_.leave(caller)) {
            state_.cancel(caller.id, now());
            act();
        }
    }
    void fail_all()
    {
        state_.fail_all(Errc::acquire_cancelled);
        act();
    }

private:
    void act()
    {
        if (!state_.has_actions()) {
            return;
        }
        for (const auto& action : state_.take_actions()) {
            std::visit([this](const auto& wanted) { perform(wanted); }, action);
        }
    }
    void perform(const Answer& answer)
    {
        places_.answer(answer.caller, answer.refused ? Admission<void>(*answer.refused) : Admission<void>());
    }
    void perform(const WakeAt& wake)
    {
        timer_.expires_at(wake.at);
        timer_.async_wait([weak = this->weak_from_this()](error_code error) {
            const auto core = weak.lock();
            if (!error && core) {
                core->state_.tick(core->now());
                core->act();
            }
        });
    }

    asio::any_io_executor executor_;
    ClockReader clock_;
    RateState state_;
    Places places_;
    Timer timer_;
};

} // namespace squall::refkit
