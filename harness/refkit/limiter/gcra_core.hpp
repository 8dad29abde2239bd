// The inside of a GcraLimiter, shared with its callers, so that each may go first.
#pragma once

#include "refkit/limiter/queue_core.hpp"
#include "refkit/limiter/rate_state.hpp"

#include <memory>
#include <utility>

namespace squall::refkit {

/// As QueueCore.
template <typename Timer>
class GcraCore final : public QueueCore<RateState, Timer> {
public:
    using Base = QueueCore<RateState, Timer>;
    using Permit = void;

    GcraCore(asio::any_io_executor executor, RateParams params, std::shared_ptr<const Clock> clock)
        : Base(std::move(executor), std::move(clock), params)
    {}

    [[nodiscard]] Admission<void> try_acquire()
    {
        const auto admission = this->state_.try_acquire(this->now());
        this->act();
        return admission;
    }
    [[nodiscard]] static Admission<void> admit(const std::shared_ptr<GcraCore>& /*core*/, Instant /*started*/)
    {
        return {};
    }
    /// The caller has had its turn.
    [[nodiscard]] static Admission<void> collect(const std::shared_ptr<GcraCore>& core,
                                                 const typename Base::Caller& caller)
    {
        core->callers_.leave(caller);
        return {};
    }
};

} // namespace squall::refkit
