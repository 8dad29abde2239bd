// The inside of a ConnectionPool: performs what PoolState decides. Shared by the pool, its loans and its operations, so
// that each may go first.
#pragma once

#include "base/time.hpp"
#include "refkit/mutants.hpp"
#include "refkit/pool/pool_state.hpp"
#include "wire/task.hpp"

#include <exception>
#include <functional>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace squall::refkit {

template <typename Adapter>
struct PoolSlot {
    ConnectionId id;
    typename Adapter::Connection connection;
};

/// What the core knows of a caller that waits; lives in the caller's frame.
template <typename Timer>
struct PoolWaiter {
    explicit PoolWaiter(const asio::any_io_executor& executor) : wake(executor, Instant::max()) {}

    WaiterId id{};
    std::optional<std::variant<ConnectionId, Errc>> outcome;
    Timer wake; // cancelled when there is an outcome
};

/// Adapters need not take leave of the server.
template <typename Adapter>
concept TakesLeave = requires(const Adapter& adapter, typename Adapter::Connection& connection, Instant deadline)
{
    adapter.take_leave(connection, deadline);
};

/// One thread: the executor's. `Timer` is asio::steady_timer, or what a simulation puts in its place.
template <typename Adapter, typename Timer>
class PoolCore : public std::enable_shared_from_this<PoolCore<Adapter, Timer>> {
public:
    using Slot = PoolSlot<Adapter>;
    using Waiter = PoolWaiter<Timer>;

    PoolCore(asio::any_io_executor executor, Adapter adapter, PoolParams params, Random random,
             std::shared_ptr<const Clock> clock)
        : executor_(std::move(executor)),
          adapter_(std::move(adapter)),
          clock_(std::move(clock)),
          state_(params, random),
          timer_(executor_)
    {}

    [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }
    [[nodiscard]] const Adapter& adapter() const { return adapter_; }
    [[nodiscard]] const PoolState& state() const { return state_; }
    [[nodiscard]] const std::string& last_connect_error() const { return last_connect_error_; }
    [[nodiscard]] Instant now() const { return clock_->now(); }
    /// Nothing is open and no operation runs any more.
    [[nodiscard]] bool finished() const { return state_.finished() && operations_.empty(); }

    void start()
    {
        change([](PoolState& state, Instant now) { state.start(now); });
    }
    void begin_drain()
    {
        change([](PoolState& state, Instant now) { state.drain(now); });
    }
    void stop()
    {
        change([](PoolState& state, Instant now) { state.stop(now); });
    }
    void abort()
    {
        change([](PoolState& state, Instant now) { state.abort(now); });
    }

    void reset()
    {
        change([](PoolState& state, Instant now) { state.reset(now); });
    }
    void share(std::shared_ptr<PoolBudget> budget, std::function<void()> changed)
    {
        state_.share(std::move(budget));
        budget_changed_ = std::move(changed);
    }
    void look()
    {
        change([](PoolState& state, Instant now) { state.look(now); });
    }
    void on_leak(std::function<void(const ReportLeak&)> report) { report_leak_ = std::move(report); }

    void enqueue(Waiter& waiter, Instant deadline, std::source_location where)
    {
        waiter.id = state_.acquire(now(), deadline, where);
        waiters_.emplace(waiter.id, &waiter);
        act();
    }
    /// The waiter takes the connection of its outcome.
    std::shared_ptr<Slot> collect(Waiter& waiter, ConnectionId connection)
    {
        state_.collect(waiter.id, now());
        waiters_.erase(waiter.id);
        return slot_of(connection);
    }
    /// The waiter goes; what it was given and did not collect goes to the next.
    void leave(Waiter& waiter)
    {
        if (waiters_.erase(waiter.id) > 0 && !SQUALL_MUTANT(hand_off_to_nobody)) {
            change([id = waiter.id](PoolState& state, Instant now) { state.cancel(id, now); });
        }
    }
    std::variant<std::shared_ptr<Slot>, Errc> take_idle(std::source_location where)
    {
        const auto taken = state_.try_acquire(now(), where);
        act();
        if (const auto* refused = std::get_if<Errc>(&taken)) {
            return *refused;
        }
        return slot_of(std::get<ConnectionId>(taken));
    }

    void release(Slot& slot, ReturnedAs as)
    {
        if (!slots_.contains(slot.id)) {
            adapter_.close(slot.connection); // aborted meanwhile
            return;
        }
        change([&slot, as](PoolState& state, Instant now) { state.release(slot.id, as, now); });
    }
    void detach(Slot& slot)
    {
        slots_.erase(slot.id);
        change([&slot](PoolState& state, Instant now) { state.detach(slot.id, now); });
    }

    /// Until finished() or `deadline`; returns early when the caller is cancelled.
    static Task<void> wait_until_finished(std::shared_ptr<PoolCore> core, Instant deadline)
    {
        if (core->finished()) {
            co_return;
        }
        Timer finished(core->executor_, deadline);
        const Watch watch(*core, finished);
        co_await finished.async_wait(use_result);
    }

private:
    /// Cancels `timer` once everything has finished, while this lives.
    class Watch {
    public:
        Watch(PoolCore& core, Timer& timer) : core_(core), timer_(timer) { core_.watchers_.push_back(&timer); }
        ~Watch() { std::erase(core_.watchers_, &timer_); }
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

    private:
        PoolCore& core_;
        Timer& timer_;
    };

    struct Operation {
        std::shared_ptr<Slot> slot;
        asio::cancellation_signal cancellation;
    };
    using Operations = std::list<Operation>;

    template <typename Event>
    void change(Event event)
    {
        event(state_, now());
        act();
    }

    /// Performing an action may bring the next event before it returns: only the outermost call loops.
    void act()
    {
        if (acting_) {
            return;
        }
        acting_ = true;
        for (auto actions = state_.take_actions(); !actions.empty(); actions = state_.take_actions()) {
            for (const auto& action : actions) {
                std::visit([this](const auto& wanted) { perform(wanted); }, action);
            }
        }
        acting_ = false;
        if (finished()) {
            for (auto* watcher : watchers_) {
                watcher->cancel();
            }
        }
    }

    std::shared_ptr<Slot> slot_of(ConnectionId id) const
    {
        const auto found = slots_.find(id);
        return found == slots_.end() ? nullptr : found->second;
    }

    void perform(const Dial& action)
    {
        auto slot = std::make_shared<Slot>(Slot{action.connection, adapter_.make(executor_)});
        slots_.emplace(slot->id, slot);
        spawn(dial(this->shared_from_this(), slot, action.deadline), slot, &PoolCore::dial_ended);
    }

    void perform(const Validate& action)
    {
        auto slot = slot_of(action.connection);
        spawn(validate(this->shared_from_this(), slot, action.deadline), slot, &PoolCore::validate_ended);
    }

    void perform(const Reset& action)
    {
        auto slot = slot_of(action.connection);
        spawn(reset(this->shared_from_this(), slot, action.deadline), slot, &PoolCore::reset_ended);
    }

    void perform(const Close& action)
    {
        if constexpr (TakesLeave<Adapter>) {
            if (const auto slot = slot_of(action.connection); slot && action.deadline) {
                spawn(take_leave(this->shared_from_this(), slot, *action.deadline), slot, &PoolCore::leave_ended);
                return;
            }
        }
        cancel_operation(action.connection);
        close_now(action.connection);
        state_.closed(action.connection, now());
    }
    /// Asio emits into an operation that may have ended meanwhile, unless it is on the executor already.
    void cancel_operation(ConnectionId id)
    {
        asio::dispatch(executor_, [self = this->shared_from_this(), id] {
            for (auto& operation : self->operations_) {
                if (operation.slot->id == id) {
                    operation.cancellation.emit(asio::cancellation_type::terminal);
                    return;
                }
            }
        });
    }
    void close_now(ConnectionId id)
    {
        if (const auto slot = slot_of(id)) {
            adapter_.close(slot->connection);
            slots_.erase(id);
        }
    }

    void perform(const Complete& action)
    {
        if (const auto found = waiters_.find(action.waiter); found != waiters_.end()) {
            found->second->outcome = action.outcome;
            found->second->wake.cancel();
        }
    }

    void perform(const ArmTimer& action)
    {
        timer_.expires_at(action.at);
        timer_.async_wait([weak = this->weak_from_this()](error_code error) {
            const auto core = weak.lock();
            if (!error && core) {
                core->change([](PoolState& state, Instant now) { state.tick(now); });
            }
        });
    }

    void perform(const BudgetChanged&)
    {
        if (budget_changed_) {
            budget_changed_();
        }
    }
    void perform(const ReportLeak& action)
    {
        if (report_leak_) {
            report_leak_(action);
        }
    }

    static Task<bool> dial(std::shared_ptr<PoolCore> core, std::shared_ptr<Slot> slot, Instant deadline)
    {
        auto dialed = co_await core->adapter_.dial(slot->connection, deadline);
        if (!dialed) {
            core->last_connect_error_ = std::move(dialed.error().message);
        }
        co_return dialed.has_value();
    }
    static Task<bool> validate(std::shared_ptr<PoolCore> core, std::shared_ptr<Slot> slot, Instant deadline)
    {
        const bool alive = co_await core->adapter_.validate(slot->connection, deadline);
        co_return alive;
    }
    static Task<bool> reset(std::shared_ptr<PoolCore> core, std::shared_ptr<Slot> slot, Instant deadline)
    {
        const bool clean = co_await core->adapter_.reset(slot->connection, deadline);
        co_return clean;
    }

    static Task<bool> take_leave(std::shared_ptr<PoolCore> core, std::shared_ptr<Slot> slot,
                                 Instant deadline) requires TakesLeave<Adapter>
    {
        co_await core->adapter_.take_leave(slot->connection, deadline);
        co_return true;
    }

    void dial_ended(ConnectionId id, bool good, Instant at)
    {
        if (good) {
            state_.dialed(id, at);
        } else {
            if (!SQUALL_MUTANT(slot_of_failed_dial)) {
                close_now(id);
            }
            state_.dial_failed(id, at);
        }
    }
    void validate_ended(ConnectionId id, bool alive, Instant at) { state_.validated(id, alive, at); }
    void reset_ended(ConnectionId id, bool clean, Instant at) { state_.reset_done(id, clean, at); }
    void leave_ended(ConnectionId id, bool /*politely*/, Instant at)
    {
        close_now(id);
        state_.closed(id, at);
    }

    /// Runs `work`, tells the state how it ended, and keeps it in operations_ until then. An operation that throws
    /// (as a cancelled one does) failed.
    template <typename Ended>
    void spawn(Task<bool> work, std::shared_ptr<Slot> slot, Ended ended)
    {
        operations_.emplace_back();
        const auto operation = std::prev(operations_.end());
        operation->slot = slot;
        asio::co_spawn(executor_, std::move(work),
                       asio::bind_cancellation_slot(operation->cancellation.slot(),
                                                    [self = this->shared_from_this(), operation, slot,
                                                     ended](const std::exception_ptr& thrown, bool good) {
                                                        self->end(operation);
                                                        self->change([&](PoolState&, Instant now) {
                                                            std::invoke(ended, *self, slot->id, !thrown && good, now);
                                                        });
                                                    }));
    }

    void end(typename Operations::iterator operation)
    {
        operation->slot.reset();
        // The signal must outlive the handler that this is called from, and the handlers around it.
        if (!acting_) {
            ended_operations_.clear();
        }
        ended_operations_.splice(ended_operations_.end(), operations_, operation);
    }

    asio::any_io_executor executor_;
    Adapter adapter_;
    std::shared_ptr<const Clock> clock_;
    PoolState state_;
    std::unordered_map<ConnectionId, std::shared_ptr<Slot>> slots_;
    std::unordered_map<WaiterId, Waiter*> waiters_;
    Operations operations_;
    Operations ended_operations_;
    Timer timer_;
    std::vector<Timer*> watchers_;
    std::string last_connect_error_;
    std::function<void(const ReportLeak&)> report_leak_;
    std::function<void()> budget_changed_;
    bool acting_ = false;
};

} // namespace squall::refkit
