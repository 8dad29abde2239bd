// How a PoolCore performs what its state wants: connections opened, asked, cleaned and closed by its adapter, callers
// told, timers set. Included by pool_core.hpp.
#pragma once

#include "refkit/pool/pool_core.hpp"

namespace squall::refkit {

template <typename Adapter, typename Timer>
void PoolCore<Adapter, Timer>::perform(const Dial& action)
{
    const auto on = thread_safe_ ? asio::any_io_executor(asio::make_strand(outer_)) : executor_;
    const auto slot = std::make_shared<Slot>(Slot{action.connection, on, adapter_.make(on)});
    slots_.put(slot);
    spawn(dial(this->shared_from_this(), slot, action.deadline), slot,
          [](PoolCore& core, ConnectionId id, const Result<void>& dialed, Instant at) {
              core.dial_ended(id, dialed, at);
          });
}

template <typename Adapter, typename Timer>
void PoolCore<Adapter, Timer>::perform(const Validate& action)
{
    const auto slot = slots_.find(action.connection);
    spawn(validate(this->shared_from_this(), slot, action.deadline), slot,
          [](PoolCore& core, ConnectionId id, const Result<void>& alive, Instant at) {
              core.state_.validated(id, alive.has_value(), at);
          });
}

template <typename Adapter, typename Timer>
void PoolCore<Adapter, Timer>::perform(const Reset& action)
{
    const auto slot = slots_.find(action.connection);
    spawn(reset(this->shared_from_this(), slot, action.deadline), slot,
          [](PoolCore& core, ConnectionId id, const Result<void>& clean, Instant at) {
              core.state_.reset_done(id, clean.has_value(), at);
          });
}

template <typename Adapter, typename Timer>
void PoolCore<Adapter, Timer>::perform(const Close& action)
{
    const auto slot = slots_.find(action.connection);
    if constexpr (TakesLeave<Adapter>) {
        if (slot && action.deadline) {
            spawn(take_leave(this->shared_from_this(), slot, *action.deadline), slot,
                  [](PoolCore& core, ConnectionId id, const Result<void>& /*politely*/, Instant at) {
                      if (core.thread_safe_) {
                          core.close_then_tell(core.slots_.find(id));
                      } else {
                          core.close_now(id);
                          core.state_.closed(id, at);
                      }
                  });
            return;
        }
    }
    cancel_operation(action.connection);
    if (slot && thread_safe_) {
        close_then_tell(slot);
        return;
    }
    close_now(action.connection);
    state_.closed(action.connection, moment());
}

template <typename Adapter, typename Timer>
void PoolCore<Adapter, Timer>::perform(const Complete& action)
{
    if (auto* waiter = waiters_.find(action.waiter)) {
        waiter->outcome = action.outcome;
        waiter->served();
    }
}

template <typename Adapter, typename Timer>
void PoolCore<Adapter, Timer>::perform(const ArmTimer& action)
{
    timer_.expires_at(action.at);
    timer_.async_wait([weak = this->weak_from_this()](error_code error) {
        const auto core = weak.lock();
        if (!error && core) {
            core->change([](PoolState& state, Instant at) { state.tick(at); });
        }
    });
}

template <typename Adapter, typename Timer>
void PoolCore<Adapter, Timer>::perform(const Offer&)
{
    asio::post(executor_, [weak = this->weak_from_this()] {
        if (const auto core = weak.lock()) {
            core->change([](PoolState& state, Instant at) { state.offer_due(at); });
        }
    });
}

template <typename Adapter, typename Timer>
void PoolCore<Adapter, Timer>::perform(const BudgetChanged&)
{
    if (budget_changed_) {
        budget_changed_();
    }
}

template <typename Adapter, typename Timer>
void PoolCore<Adapter, Timer>::perform(const ReportLeak& action)
{
    if (report_leak_) {
        report_leak_(action);
    }
}

/// On the connection's own strand, and only then does its place become free.
template <typename Adapter, typename Timer>
void PoolCore<Adapter, Timer>::close_then_tell(const std::shared_ptr<Slot>& slot)
{
    if (!slot) {
        return; // somebody else has
    }
    slots_.forget(slot);
    asio::dispatch(slot->executor, [self = this->shared_from_this(), slot] {
        self->adapter_.close(slot->connection);
        asio::dispatch(self->executor_, [self, id = slot->id] {
            self->change([id](PoolState& state, Instant at) { state.closed(id, at); });
        });
    });
}

template <typename Adapter, typename Timer>
void PoolCore<Adapter, Timer>::close_now(ConnectionId id)
{
    if (const auto slot = slots_.find(id)) {
        adapter_.close(slot->connection);
        slots_.forget(slot);
    }
}

/// One that the pool does not know any more.
template <typename Adapter, typename Timer>
void PoolCore<Adapter, Timer>::close_connection(const std::shared_ptr<Slot>& slot)
{
    if (thread_safe_) {
        asio::dispatch(slot->executor,
                       [self = this->shared_from_this(), slot] { self->adapter_.close(slot->connection); });
    } else {
        adapter_.close(slot->connection);
    }
}

/// Asio emits into an operation that may have ended meanwhile, unless it is on the executor already.
template <typename Adapter, typename Timer>
void PoolCore<Adapter, Timer>::cancel_operation(ConnectionId id)
{
    asio::dispatch(executor_, [self = this->shared_from_this(), id] { self->work_.cancel(id); });
}

/// ended(PoolCore&, ConnectionId, const Result<void>&, Instant now). Work that was cancelled has failed.
template <typename Adapter, typename Timer>
template <typename Ended>
void PoolCore<Adapter, Timer>::spawn(Task<Result<void>> work, const std::shared_ptr<Slot>& slot, Ended ended)
{
    work_.spawn(executor_, std::move(work), slot,
                [self = this->shared_from_this(), id = slot->id, ended](bool thrown, Result<void> result) {
                    if (!self->acting_) {
                        self->work_.forget_ended();
                    }
                    const auto told = thrown ? Result<void>(fail("it was cancelled")) : std::move(result);
                    self->change([&](PoolState&, Instant at) { ended(*self, id, told, at); });
                });
}

template <typename Adapter, typename Timer>
void PoolCore<Adapter, Timer>::dial_ended(ConnectionId id, const Result<void>& dialed, Instant at)
{
    if (dialed) {
        state_.dialed(id, at);
        return;
    }
    last_connect_error_ = dialed.error().message;
    if (const auto slot = slots_.find(id); slot && !SQUALL_MUTANT(slot_of_failed_dial)) {
        close_connection(slot);
        slots_.forget(slot);
    }
    state_.dial_failed(id, at);
}

template <typename Adapter, typename Timer>
Task<Result<void>> PoolCore<Adapter, Timer>::dial(std::shared_ptr<PoolCore> core, std::shared_ptr<Slot> slot,
                                                  Instant deadline)
{
    auto dialed = co_await core->adapter_.dial(slot->connection, deadline);
    co_return dialed;
}

template <typename Adapter, typename Timer>
Task<Result<void>> PoolCore<Adapter, Timer>::validate(std::shared_ptr<PoolCore> core, std::shared_ptr<Slot> slot,
                                                      Instant deadline)
{
    const bool alive = co_await core->adapter_.validate(slot->connection, deadline);
    co_return succeeded(alive);
}

template <typename Adapter, typename Timer>
Task<Result<void>> PoolCore<Adapter, Timer>::reset(std::shared_ptr<PoolCore> core, std::shared_ptr<Slot> slot,
                                                   Instant deadline)
{
    const bool clean = co_await core->adapter_.reset(slot->connection, deadline);
    co_return succeeded(clean);
}

template <typename Adapter, typename Timer>
Task<Result<void>> PoolCore<Adapter, Timer>::take_leave(std::shared_ptr<PoolCore> core, std::shared_ptr<Slot> slot,
                                                        Instant deadline) requires TakesLeave<Adapter>
{
    co_await core->adapter_.take_leave(slot->connection, deadline);
    co_return Result<void>();
}

} // namespace squall::refkit
