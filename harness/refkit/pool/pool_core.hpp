// The inside of a ConnectionPool: performs what PoolState decides. Shared by the pool, its loans and its operations, so
// that each may go first.
#pragma once

#include "base/forks.hpp"
#include "refkit/clock_reader.hpp"
#include "refkit/mutants.hpp"
#include "refkit/pool/adapter_work.hpp"
#include "refkit/pool/pool_state.hpp"
#include "refkit/pool/pool_waiter.hpp"
#include "wire/task.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace squall::refkit {

/// Adapters need not take leave of the server.
template <typename Adapter>
concept TakesLeave = requires(const Adapter& adapter, typename Adapter::Connection& connection, Instant deadline)
{
    adapter.take_leave(connection, deadline);
};

/// Adapters need not know what a pool was told.
template <typename Adapter>
concept Configurable = requires(Adapter& adapter, const PoolParams& params)
{
    adapter.configure(params);
};

/// On executor(), but for what says that it may come from anywhere. `Timer` is asio::steady_timer, or what a simulation
/// puts in its place.
template <typename Adapter, typename Timer>
class PoolCore : public std::enable_shared_from_this<PoolCore<Adapter, Timer>> {
public:
    using Slot = PoolSlot<Adapter>;

    PoolCore(const asio::any_io_executor& executor, Adapter adapter, PoolParams params, Random random,
             std::shared_ptr<const Clock> clock)
        : thread_safe_(params.thread_safe),
          outer_(executor),
          executor_(thread_safe_ ? asio::any_io_executor(asio::make_strand(executor)) : executor),
          adapter_(std::move(adapter)),
          clock_(std::move(clock)),
          state_(std::move(params), random),
          timer_(executor_)
    {
        if constexpr (Configurable<Adapter>) {
            adapter_.configure(state_.params());
        }
    }

    // From anywhere.
    [[nodiscard]] bool thread_safe() const { return thread_safe_; }
    [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }
    [[nodiscard]] const Adapter& adapter() const { return adapter_; }
    [[nodiscard]] const PoolParams& params() const { return state_.params(); }
    [[nodiscard]] Instant now() const { return clock_.now(); }
    /// Calls event(*this) on executor(): at once, or soon in a pool for many threads.
    template <typename Event>
    void from_anywhere(Event event)
    {
        if (thread_safe_) {
            asio::dispatch(executor_, [self = this->shared_from_this(), event = std::move(event)] { event(*self); });
        } else {
            event(*this);
        }
    }

    [[nodiscard]] const PoolState& state() const { return state_; }
    [[nodiscard]] const std::string& last_connect_error() const { return last_connect_error_; }
    template <typename Failure>
    [[nodiscard]] Failure failure(error_code error) const
    {
        return {error, state_.stats(), last_connect_error_};
    }
    /// Nothing is open and no operation runs any more.
    [[nodiscard]] bool finished() const { return state_.finished() && work_.empty(); }

    /// event(PoolState&, Instant now), and what follows from it. Where the instant need not be exact, a cheap reading
    /// of the clock will do.
    template <typename Event>
    void change(Event event, bool exact = true)
    {
        event(state_, moment(exact));
        act();
    }
    void share(std::shared_ptr<PoolBudget> budget, std::function<void()> changed)
    {
        state_.share(std::move(budget));
        budget_changed_ = std::move(changed);
    }
    void on_leak(std::function<void(const ReportLeak&)> report) { report_leak_ = std::move(report); }

    /// What can be had without waiting; null otherwise.
    Slot* take(std::source_location where)
    {
        look_for_fork();
        if (!state_.has_idle()) {
            return nullptr;
        }
        const auto taken = state_.take(moment(state_.times_next_loan()), where);
        act();
        return lend(taken);
    }
    /// Why take() had nothing for somebody who does not wait.
    [[nodiscard]] error_code turn_away() { return make_error_code(state_.turn_away()); }
    /// Without a deadline: the pool's own. served() may be called before this returns.
    void enter(PoolWaiter& waiter, std::optional<Instant> deadline, std::source_location where)
    {
        look_for_fork();
        const auto at = moment();
        waiter.id = state_.acquire(at, deadline.value_or(at + params().acquire_timeout), where);
        waiters_.put(waiter.id, &waiter);
        act();
    }
    /// The waiter takes the connection of its outcome; null when it was closed meanwhile. That instant need not be
    /// exact: what is told of waits are those in the pool, and not in the executor's queue behind it.
    Slot* collect(PoolWaiter& waiter, ConnectionId connection)
    {
        state_.collect(waiter.id, moment(false));
        waiters_.erase(waiter.id);
        return lend(connection);
    }
    /// The caller does not want to wait any more; it is served with acquire_cancelled, unless it was served before.
    void cancel_waiting(WaiterId id)
    {
        auto* waiter = waiters_.find(id);
        if (waiter == nullptr || waiter->outcome) {
            return;
        }
        if (SQUALL_MUTANT(hand_off_to_nobody)) {
            waiter->outcome = Errc::acquire_cancelled;
            waiter->served();
            return;
        }
        change([id](PoolState& state, Instant at) { state.cancel(id, at); });
    }
    /// The waiter is gone; what it was given and did not collect goes to the next.
    void leave(PoolWaiter& waiter)
    {
        if (waiters_.erase(waiter.id) && !SQUALL_MUTANT(hand_off_to_nobody)) {
            change([id = waiter.id](PoolState& state, Instant at) { state.cancel(id, at); });
        }
    }

    /// Afterwards the slot is the pool's again, and may be gone; so may the core.
    void release(Slot& slot, ReturnedAs as, bool without_reset)
    {
        if (const auto orphan = slots_.come_back(slot)) {
            close_connection(orphan); // once more: its user may have done something with it
        } else {
            const auto at = moment(state_.times(slot.id));
            state_.release(slot.id, as, at, without_reset);
            if (SQUALL_MUTANT(released_twice)) {
                state_.release(slot.id, as, at, without_reset);
            }
        }
        act();
    }
    /// The same; its connection is the user's already.
    void detach(Slot& slot)
    {
        const auto id = slot.id;
        if (!slots_.come_back(slot)) {
            slots_.forget(slots_.find(id));
        }
        change([id](PoolState& state, Instant at) { state.detach(id, at); });
    }

    /// What a loan holds of its pool: among threads a share. On one thread nothing: no count need be kept for each,
    /// as the core stays for its loans by itself.
    std::shared_ptr<PoolCore> for_loan()
    {
        return thread_safe_ ? this->shared_from_this() : std::shared_ptr<PoolCore>(std::shared_ptr<void>(), this);
    }
    /// Whoever owns it goes: from now on it lives as long as something is on loan, or an operation holds it.
    void leave_to_loans()
    {
        if (!thread_safe_) {
            left_to_loans_ = true;
            stay_for_loans();
        }
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

    /// Never goes backwards, whichever reading it is.
    Instant moment(bool exact = true)
    {
        return latest_ = std::max(latest_, exact ? clock_.now() : clock_.roughly_now());
    }

    /// In a fork of the process that opened them, what is open is the other's: closed, and others are dialed.
    void look_for_fork()
    {
        if (process_.forked()) {
            process_ = ForkMark();
            change([](PoolState& state, Instant at) { state.reset(at); });
        }
    }

    Slot* lend(ConnectionId id)
    {
        auto* slot = slots_.lend(id);
        stay_for_loans();
        return slot;
    }
    void stay_for_loans()
    {
        if (left_to_loans_ && slots_.any_lent()) {
            self_ = this->shared_from_this();
        }
    }

    void act()
    {
        if (state_.has_actions() || state_.ending()) {
            act_on_all();
        }
    }
    /// Performing an action may bring the next event before it returns: only the outermost call loops. Once the pool's
    /// owner has gone, the core may be gone afterwards.
    void act_on_all()
    {
        if (acting_) {
            return;
        }
        acting_ = true;
        while (state_.has_actions()) {
            state_.take_actions(actions_);
            for (const auto& action : actions_) {
                std::visit([this](const auto& wanted) { this->perform(wanted); }, action);
            }
            actions_.clear();
        }
        acting_ = false;
        if (finished()) {
            timer_.cancel(); // an execution context must not wait for what a pool that has ended once wanted
            for (auto* watcher : watchers_) {
                watcher->cancel();
            }
        }
        if (!slots_.any_lent()) {
            const auto last = std::move(self_); // which may end this
        }
    }

    // pool_operations.hpp
    void perform(const Dial& action);
    void perform(const Validate& action);
    void perform(const Reset& action);
    void perform(const Close& action);
    void perform(const Complete& action);
    void perform(const ArmTimer& action);
    void perform(const Offer& action);
    void perform(const BudgetChanged& action);
    void perform(const ReportLeak& action);
    static Task<Result<void>> dial(std::shared_ptr<PoolCore> core, std::shared_ptr<Slot> slot, Instant deadline);
    static Task<Result<void>> validate(std::shared_ptr<PoolCore> core, std::shared_ptr<Slot> slot, Instant deadline);
    static Task<Result<void>> reset(std::shared_ptr<PoolCore> core, std::shared_ptr<Slot> slot, Instant deadline);
    static Task<Result<void>> take_leave(std::shared_ptr<PoolCore> core, std::shared_ptr<Slot> slot,
                                         Instant deadline) requires TakesLeave<Adapter>;
    void dial_ended(ConnectionId id, const Result<void>& dialed, Instant at);
    static Result<void> succeeded(bool good) { return good ? Result<void>() : Result<void>(fail("it failed")); }
    template <typename Ended>
    void spawn(Task<Result<void>> work, const std::shared_ptr<Slot>& slot, Ended ended);
    void cancel_operation(ConnectionId id);
    void close_now(ConnectionId id);
    void close_connection(const std::shared_ptr<Slot>& slot);
    void close_then_tell(const std::shared_ptr<Slot>& slot);

    const bool thread_safe_;
    const asio::any_io_executor outer_; // what the pool was given
    const asio::any_io_executor executor_;
    Adapter adapter_;
    ClockReader clock_;
    Instant latest_ = Instant::min(); // of what state_ was told
    PoolState state_;
    PoolSlots<Adapter> slots_;
    SlotShadow<WaiterId, PoolWaiter*> waiters_;
    AdapterWork<Adapter> work_;
    Timer timer_;
    std::vector<Timer*> watchers_;
    std::vector<Action> actions_; // being performed
    std::string last_connect_error_;
    std::function<void(const ReportLeak&)> report_leak_;
    std::function<void()> budget_changed_;
    ForkMark process_;
    bool acting_ = false;
    bool left_to_loans_ = false;
    std::shared_ptr<PoolCore> self_; // while only loans are left
};

} // namespace squall::refkit

#include "refkit/pool/pool_operations.hpp"
