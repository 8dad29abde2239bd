// The inside of a ConcurrencyLimiter, shared with its permits and callers, so that each may go first.
#pragma once

#include "refkit/limiter/concurrency_state.hpp"
#include "refkit/limiter/limit.hpp"
#include "refkit/limiter/limiter_permit.hpp"
#include "refkit/limiter/queue_core.hpp"

#include <memory>
#include <utility>

namespace squall::refkit {

/// As QueueCore. Permits hold on to it.
template <typename Timer>
class LimiterCore final : public PermitOwner<LimiterTicket>, public QueueCore<ConcurrencyState, Timer> {
public:
    using Base = QueueCore<ConcurrencyState, Timer>;
    using Permit = LimiterPermit;

    LimiterCore(asio::any_io_executor executor, const LimitParams& limit, const QueueParams& queue,
                std::shared_ptr<const Clock> clock)
        : Base(std::move(executor), std::move(clock), queue, Limit(limit).value()),
          limit_(limit)
    {}

    [[nodiscard]] static Admission<LimiterPermit> try_acquire(const std::shared_ptr<LimiterCore>& core)
    {
        const auto at = core->now();
        if (const auto admitted = core->state_.try_acquire(at); !admitted) {
            return admitted.error();
        }
        return admit(core, at);
    }
    /// A permit for who was let in.
    [[nodiscard]] static Admission<LimiterPermit> admit(const std::shared_ptr<LimiterCore>& core, Instant started)
    {
        return Admission<LimiterPermit>(boost::system::in_place_value, core,
                                        LimiterTicket{started, core->state_.in_flight()});
    }
    /// The caller takes the place that it was answered.
    [[nodiscard]] static Admission<LimiterPermit> collect(const std::shared_ptr<LimiterCore>& core,
                                                          const typename Base::Caller& caller)
    {
        core->state_.collect(caller.id);
        core->callers_.leave(caller);
        return admit(core, core->limit_.learns() ? core->now() : Instant());
    }
    /// A permit came back.
    void settle(const LimiterTicket& ticket, Verdict verdict) override
    {
        const auto at = this->now();
        // The place first: what the limit makes of the call must never keep it.
        if (!SQUALL_MUTANT(in_flight_drifts) || verdict != Verdict::failure) {
            state_.release(at);
        }
        if (verdict != Verdict::ignored && limit_.learns()) {
            limit_.sample(at, {at - ticket.started, ticket.in_flight, verdict == Verdict::failure});
            if (const auto limit = limit_.value(); limit != state_.limit()) {
                state_.set_limit(limit, at);
            }
        }
        this->act();
    }

private:
    using Base::state_;

    Limit limit_;
};

} // namespace squall::refkit
