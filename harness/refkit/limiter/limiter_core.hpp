// The inside of a ConcurrencyLimiter, shared with its permits and callers, so that each may go first.
#pragma once

#include "refkit/clock_reader.hpp"
#include "refkit/limiter/concurrency_state.hpp"
#include "refkit/limiter/limit.hpp"
#include "refkit/limiter/limiter_permit.hpp"
#include "refkit/mutants.hpp"
#include "refkit/parking.hpp"

#include <memory>
#include <utility>

namespace squall::refkit {

/// One thread: the executor's. `Timer` is asio::steady_timer, or what a simulation puts in its place.
template <typename Timer>
class LimiterCore final : public PermitOwner<LimiterTicket>, public std::enable_shared_from_this<LimiterCore<Timer>> {
public:
    using Places = Parking<CallerId, std::optional<Rejection>, Timer>;
    using Caller = typename Places::Caller;

    LimiterCore(asio::any_io_executor executor, const LimitParams& limit, const QueueParams& queue,
                std::shared_ptr<const Clock> clock)
        : executor_(std::move(executor)),
          clock_(std::move(clock)),
          limit_(limit),
          state_(queue, limit_.value()),
          timer_(executor_)
    {}

    [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }
    [[nodiscard]] const ConcurrencyState& state() const { return state_; }
    [[nodiscard]] Instant now() const { return clock_.now(); }

    [[nodiscard]] Admission<LimiterPermit> try_acquire()
    {
        const auto at = now();
        if (const auto admitted = state_.try_acquire(at); !admitted) {
            return admitted.error();
        }
        return Admission<LimiterPermit>(boost::system::in_place_value, this->shared_from_this(),
                                        LimiterTicket{at, state_.in_flight()});
    }
    void enter(Caller& caller, Instant deadline)
    {
        caller.id = state_.acquire(now(), deadline);
        places_.enter(caller);
        act();
    }
    /// The caller takes the place that it was answered.
    [[nodiscard]] LimiterPermit collect(const Caller& caller)
    {
        state_.collect(caller.id);
        places_.leave(caller);
        return permit(now());
    }
    /// The caller goes; a place that it did not collect goes to the next.
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
    /// A permit came back.
    void settle(const LimiterTicket& ticket, Verdict verdict) override
    {
        const auto at = now();
        // The place first: what the limit makes of the call must never keep it.
        if (!SQUALL_MUTANT(in_flight_drifts) || verdict != Verdict::failure) {
            state_.release(at);
        }
        if (verdict != Verdict::ignored) {
            limit_.sample(at, {at - ticket.started, ticket.in_flight, verdict == Verdict::failure});
            if (const auto limit = limit_.value(); limit != state_.limit()) {
                state_.set_limit(limit, at);
            }
        }
        act();
    }

private:
    LimiterPermit permit(Instant at) { return {this->shared_from_this(), {at, state_.in_flight()}}; }

    void act()
    {
        if (!state_.has_actions()) {
            return;
        }
        for (const auto& action : state_.take_actions()) {
            std::visit([this](const auto& wanted) { perform(wanted); }, action);
        }
    }
    void perform(const Answer& answer) { places_.answer(answer.caller, answer.refused); }
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
    Limit limit_;
    ConcurrencyState state_;
    Places places_;
    Timer timer_;
};

} // namespace squall::refkit
