// The inside of a ConcurrencyLimiter, shared with its permits and callers, so that each may go first.
#pragma once

#include "refkit/limiter/concurrency_limiter.hpp"
#include "refkit/parking.hpp"

namespace squall::refkit {

/// One thread: the executor's.
class LimiterCore final : public PermitOwner<LimiterTicket>, public std::enable_shared_from_this<LimiterCore> {
public:
    using Places = Parking<CallerId, std::optional<Rejection>>;

    LimiterCore(asio::any_io_executor executor, const LimitParams& limit, const QueueParams& queue,
                std::shared_ptr<const Clock> clock);

    [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }
    [[nodiscard]] const ConcurrencyState& state() const { return state_; }
    [[nodiscard]] Instant now() const { return clock_->now(); }

    [[nodiscard]] Admission<LimiterPermit> try_acquire();
    void enter(Places::Caller& caller, Instant deadline);
    /// The caller takes the place that it was answered.
    [[nodiscard]] LimiterPermit collect(const Places::Caller& caller);
    /// The caller goes; a place that it did not collect goes to the next.
    void leave(const Places::Caller& caller);
    void fail_all();
    /// A permit came back.
    void settle(const LimiterTicket& ticket, Verdict verdict) override;

private:
    void act();
    void perform(const Answer& answer) { places_.answer(answer.caller, answer.refused); }
    void perform(const WakeAt& wake);

    asio::any_io_executor executor_;
    std::shared_ptr<const Clock> clock_;
    std::variant<FixedLimit, AimdLimit, GradientLimit> limit_;
    ConcurrencyState state_;
    Places places_;
    asio::steady_timer timer_;
};

} // namespace squall::refkit
