#include "refkit/limiter/limiter_core.hpp"

#include <utility>

namespace squall::refkit {
namespace {

using Limit = std::variant<FixedLimit, AimdLimit, GradientLimit>;

Limit make_limit(const FixedLimit::Params& params)
{
    return FixedLimit(params);
}
Limit make_limit(const AimdParams& params)
{
    return AimdLimit(params);
}
Limit make_limit(const GradientParams& params)
{
    return GradientLimit(params);
}

std::size_t value_of(const Limit& limit)
{
    return std::visit([](const auto& algorithm) { return algorithm.limit(); }, limit);
}

} // namespace

LimiterCore::LimiterCore(asio::any_io_executor executor, const LimitParams& limit, const QueueParams& queue,
                         std::shared_ptr<const Clock> clock)
    : executor_(std::move(executor)),
      clock_(std::move(clock)),
      limit_(std::visit([](const auto& params) { return make_limit(params); }, limit)),
      state_(queue, value_of(limit_)),
      timer_(executor_)
{}

Admission<LimiterPermit> LimiterCore::try_acquire()
{
    const auto at = now();
    if (const auto admitted = state_.try_acquire(at); !admitted) {
        return admitted.error();
    }
    return LimiterPermit(shared_from_this(), {at, state_.in_flight()});
}

void LimiterCore::enter(Places::Caller& caller, Instant deadline)
{
    caller.id = state_.acquire(now(), deadline);
    places_.enter(caller);
    act();
}

LimiterPermit LimiterCore::collect(const Places::Caller& caller)
{
    state_.collect(caller.id);
    places_.leave(caller);
    return {shared_from_this(), {now(), state_.in_flight()}};
}

void LimiterCore::leave(const Places::Caller& caller)
{
    if (places_.leave(caller)) {
        state_.cancel(caller.id, now());
        act();
    }
}

void LimiterCore::fail_all()
{
    state_.fail_all(Errc::acquire_cancelled);
    act();
}

void LimiterCore::settle(const LimiterTicket& ticket, Verdict verdict)
{
    const auto at = now();
    // The place first: what the limit makes of the call must never keep it.
    state_.release(at);
    if (verdict != Verdict::ignored) {
        const LimitSample sample{at - ticket.started, ticket.in_flight, verdict == Verdict::failure};
        std::visit([&](auto& algorithm) { algorithm.sample(at, sample); }, limit_);
        if (const auto limit = value_of(limit_); limit != state_.limit()) {
            state_.set_limit(limit, at);
        }
    }
    act();
}

void LimiterCore::act()
{
    if (!state_.has_actions()) {
        return;
    }
    for (const auto& action : state_.take_actions()) {
        std::visit([this](const auto& wanted) { perform(wanted); }, action);
    }
}

void LimiterCore::perform(const WakeAt& wake)
{
    timer_.expires_at(wake.at);
    timer_.async_wait([weak = weak_from_this()](error_code error) {
        const auto core = weak.lock();
        if (!error && core) {
            core->state_.tick(core->now());
            core->act();
        }
    });
}

} // namespace squall::refkit
