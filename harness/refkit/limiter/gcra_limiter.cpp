#include "refkit/limiter/gcra_limiter.hpp"

#include <utility>

namespace squall::refkit {

using RateParking = Parking<CallerId, Admission<void>>;

class GcraLimiter::Core : public std::enable_shared_from_this<Core> {
public:
    Core(asio::any_io_executor executor, RateParams params, std::shared_ptr<const Clock> clock)
        : executor_(std::move(executor)),
          clock_(std::move(clock)),
          state_(params),
          timer_(executor_)
    {}

    [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }
    [[nodiscard]] RateState& state() { return state_; }
    [[nodiscard]] Instant now() const { return clock_->now(); }

    void enter(RateParking::Caller& caller, Instant deadline)
    {
        caller.id = state_.acquire(now(), deadline);
        parking_.enter(caller);
        act();
    }
    void leave(const RateParking::Caller& caller)
    {
        if (parking_.leave(caller)) {
            state_.cancel(caller.id, now());
            act();
        }
    }
    void act()
    {
        for (const auto& action : state_.take_actions()) {
            std::visit([this](const auto& wanted) { perform(wanted); }, action);
        }
    }

private:
    void perform(const Answer& answer)
    {
        parking_.answer(answer.caller, answer.refused ? Admission<void>(*answer.refused) : Admission<void>());
    }
    void perform(const WakeAt& wake)
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

    asio::any_io_executor executor_;
    std::shared_ptr<const Clock> clock_;
    RateState state_;
    RateParking parking_;
    asio::steady_timer timer_;
};

/// A caller's place in the queue; leaving it early gives up its turn.
class GcraLimiter::Place {
public:
    explicit Place(std::shared_ptr<Core> core) : caller(core->executor()), core_(std::move(core)) {}
    ~Place() { core_->leave(caller); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    RateParking::Caller caller;

private:
    std::shared_ptr<Core> core_;
};

GcraLimiter::GcraLimiter(asio::any_io_executor executor, RateParams params, std::shared_ptr<const Clock> clock)
    : core_(std::make_shared<Core>(std::move(executor), params, std::move(clock)))
{}

GcraLimiter::~GcraLimiter()
{
    core_->state().fail_all(Errc::acquire_cancelled);
    core_->act();
}

Admission<void> GcraLimiter::try_acquire()
{
    const auto admission = core_->state().try_acquire(core_->now());
    core_->act();
    return admission;
}

Task<Admission<void>> GcraLimiter::acquire()
{
    return acquire(core_, saturating_add(core_->now(), core_->state().params().acquire_timeout));
}

Task<Admission<void>> GcraLimiter::acquire(std::shared_ptr<Core> core, Instant deadline)
{
    Place place(core);
    core->enter(place.caller, deadline);
    if (!place.caller.outcome) {
        co_await place.caller.wake.async_wait(use_result);
    }
    // Whoever was admitted is, also when it was cancelled in the meantime.
    co_return place.caller.outcome.value_or(Rejection{Errc::acquire_cancelled, std::nullopt});
}

RateStats GcraLimiter::stats() const
{
    return core_->state().stats();
}

} // namespace squall::refkit
