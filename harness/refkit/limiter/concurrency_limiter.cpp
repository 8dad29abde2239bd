#include "refkit/limiter/concurrency_limiter.hpp"

#include "refkit/limiter/limiter_core.hpp"

#include <utility>

namespace squall::refkit {

/// A caller's place in the queue; leaving it early gives up what was assigned.
class ConcurrencyLimiter::Place {
public:
    explicit Place(std::shared_ptr<LimiterCore> core) : caller(core->executor()), core_(std::move(core)) {}
    ~Place() { core_->leave(caller); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    Admission<LimiterPermit> take()
    {
        // Whoever was given a place has it, also when it was cancelled in the meantime.
        const auto refused = caller.outcome.value_or(Rejection{Errc::acquire_cancelled, std::nullopt});
        if (refused) {
            return *refused;
        }
        return core_->collect(caller);
    }

    LimiterCore::Places::Caller caller;

private:
    std::shared_ptr<LimiterCore> core_;
};

ConcurrencyLimiter::ConcurrencyLimiter(asio::any_io_executor executor, LimitParams limit, QueueParams queue,
                                       std::shared_ptr<const Clock> clock)
    : core_(std::make_shared<LimiterCore>(std::move(executor), limit, queue, std::move(clock)))
{}

ConcurrencyLimiter::~ConcurrencyLimiter()
{
    core_->fail_all();
}

Admission<LimiterPermit> ConcurrencyLimiter::try_acquire()
{
    return core_->try_acquire();
}

Task<Admission<LimiterPermit>> ConcurrencyLimiter::acquire()
{
    return acquire(core_, saturating_add(core_->now(), core_->state().params().acquire_timeout));
}

Task<Admission<LimiterPermit>> ConcurrencyLimiter::acquire(std::shared_ptr<LimiterCore> core, Instant deadline)
{
    Place place(core);
    core->enter(place.caller, deadline);
    if (!place.caller.outcome) {
        co_await place.caller.wake.async_wait(use_result);
    }
    co_return place.take();
}

ConcurrencyStats ConcurrencyLimiter::stats() const
{
    return core_->state().stats();
}

} // namespace squall::refkit
