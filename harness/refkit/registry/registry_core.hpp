// The inside of a ConnectionRegistry: tells the sessions what RegistryState decides. Shared by the registry and its
// operations, so that each may go first.
#pragma once

#include "base/assert.hpp"
#include "refkit/registry/membership.hpp"
#include "wire/task.hpp"

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace squall::refkit {

/// One thread. `Timer` is asio::steady_timer, or what a simulation puts in its place.
template <typename Session, typename Timer>
class RegistryCore final : public MembershipOwner, public std::enable_shared_from_this<RegistryCore<Session, Timer>> {
public:
    RegistryCore(RegistryParams params, Random random, std::shared_ptr<const Clock> clock)
        : state_(params, random),
          clock_(std::move(clock))
    {}

    [[nodiscard]] const RegistryState& state() const { return state_; }
    [[nodiscard]] bool empty() const { return sessions_.empty(); }

    Admission<Membership> enter(const std::string& room, std::shared_ptr<Session> session)
    {
        const auto member = state_.enter(room, clock_->now());
        if (!member) {
            return member.error();
        }
        sessions_.emplace(*member, std::move(session));
        return Membership(this->weak_from_this(), *member);
    }
    void seen(MemberId member) override { state_.seen(member, clock_->now()); }
    bool drop(MemberId member, DropReason reason) override
    {
        const bool first = state_.drop(member, reason);
        if (first) {
            tell_to_go(member, reason);
        }
        return first;
    }
    void leave(MemberId member) override
    {
        state_.leave(member);
        const auto gone = sessions_.extract(member); // its end may come back here
        if (empty()) {
            wake(drains_);
            if (closed_) {
                wake(runs_);
            }
        }
    }

    /// A session's hands may change the registry: nothing here holds on to what they might take away.
    void sweep()
    {
        const auto due = state_.sweep(clock_->now());
        for (const auto member : due.ping) {
            if (const auto session = session_of(member)) {
                session->ping();
            }
        }
        for (const auto& [member, reason] : due.drop) {
            tell_to_go(member, reason);
        }
    }
    void close()
    {
        closed_ = true;
        for (const auto member : state_.close()) {
            tell_to_go(member, DropReason::closing);
        }
        if (empty()) {
            wake(runs_);
        }
    }
    /// The registry goes: its sessions are let go of, untold.
    void stop()
    {
        closed_ = true;
        (void)state_.close();
        const auto gone = std::exchange(sessions_, {});
        wake(drains_);
        wake(runs_);
    }

    [[nodiscard]] std::vector<std::shared_ptr<Session>> sessions_of(const std::string& room) const
    {
        std::vector<std::shared_ptr<Session>> found;
        for (const auto member : state_.members_of(room)) {
            if (auto session = session_of(member)) {
                found.push_back(std::move(session));
            }
        }
        return found;
    }

    /// Until it is cancelled, or the registry is closed and empty.
    static Task<void> run(std::shared_ptr<RegistryCore> core)
    {
        co_await asio::this_coro::throw_if_cancelled(false);
        Timer timer(co_await asio::this_coro::executor, Instant::max());
        const Watch watch(core->runs_, timer);
        while (!core->closed_ || !core->empty()) {
            timer.expires_at(saturating_add(core->clock_->now(), core->state_.params().sweep_every));
            const auto [woken] = co_await timer.async_wait(use_result);
            if (woken) {
                co_return;
            }
            core->sweep();
        }
    }
    static Task<bool> drain(std::shared_ptr<RegistryCore> core, Duration timeout)
    {
        const auto deadline = saturating_add(core->clock_->now(), timeout);
        core->close();
        if (!core->empty()) {
            Timer timer(co_await asio::this_coro::executor, deadline);
            const Watch watch(core->drains_, timer);
            co_await timer.async_wait(use_result);
        }
        co_return core->empty();
    }

private:
    using Timers = std::vector<Timer*>;

    /// Keeps `timer` among those that wake() cancels.
    class Watch {
    public:
        Watch(Timers& timers, Timer& timer) : timers_(timers), timer_(timer) { timers_.push_back(&timer); }
        ~Watch() { std::erase(timers_, &timer_); }
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

    private:
        Timers& timers_;
        Timer& timer_;
    };
    static void wake(const Timers& timers)
    {
        for (auto* timer : timers) {
            timer->cancel();
        }
    }

    [[nodiscard]] std::shared_ptr<Session> session_of(MemberId member) const
    {
        const auto found = sessions_.find(member);
        return found == sessions_.end() ? nullptr : found->second;
    }
    void tell_to_go(MemberId member, DropReason reason)
    {
        if (const auto session = session_of(member)) {
            session->drop(reason);
        }
    }

    RegistryState state_;
    std::shared_ptr<const Clock> clock_;
    std::unordered_map<MemberId, std::shared_ptr<Session>> sessions_;
    bool closed_ = false;
    Timers runs_;
    Timers drains_;
};

} // namespace squall::refkit
