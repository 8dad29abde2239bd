// A registry of connections that stay, such as WebSockets, on an Asio executor: a thin shell over RegistryState, which
// decides who may come in and who has to go.
//
// Single-threaded: the registry, its memberships and sessions all run on one executor whose handlers never run at the
// same time (one thread, or a strand).
#pragma once

#include "refkit/registry/registry_core.hpp"

namespace squall::refkit {

/// A Session is one connection, and may be incomplete here:
///   void ping()              ask whether the far end lives; called once a silence
///   void drop(DropReason)    end the connection soon; called once, and never before enter() has returned
/// Neither throws. A WebSocket's close code is 1001 (going away) for `aged` and `closing`, 1008 (policy violation) for
/// `slow`; who is silent hears nothing, so its socket is best closed at once. A session that was told to go keeps its
/// place until its Membership leaves: it is for the session to see that this happens within a deadline of its own.
template <typename Session, typename Timer = asio::steady_timer>
class ConnectionRegistry {
public:
    /// Throws std::invalid_argument when check(params) finds something broken. `random` spreads the ends of life.
    ConnectionRegistry(RegistryParams params, Random random,
                       std::shared_ptr<const Clock> clock = std::make_shared<SteadyClock>())
        : core_(std::make_shared<Core>(params, random, std::move(clock)))
    {}
    /// Lets go of the sessions without a word to them: drain() first. run() and drain() end.
    ~ConnectionRegistry() { core_->stop(); }
    ConnectionRegistry(const ConnectionRegistry&) = delete;
    ConnectionRegistry& operator=(const ConnectionRegistry&) = delete;

    /// A place in the room, or room_full, registry_full, registry_closed. The registry keeps `session` until the
    /// membership leaves, so that the session may own its membership.
    [[nodiscard]] Admission<Membership> enter(const std::string& room, std::shared_ptr<Session> session)
    {
        return core_->enter(room, std::move(session));
    }

    /// Pings and drops who is due every sweep_every, until it is cancelled, or until the registry was drained and all
    /// have left. Spawn it as a coroutine of its own.
    Task<void> run() { return Core::run(core_); }
    /// The same once, for those who have a loop of their own.
    void sweep()
    {
        const auto core = core_; // a session's hands may take the registry away
        core->sweep();
    }

    /// Calls visit(Session&) for each member of the room that was not told to go, in the order in which they came.
    template <typename Visit>
    void for_each_in(const std::string& room, Visit visit) const
    {
        for (const auto& session : core_->sessions_of(room)) {
            visit(*session);
        }
    }

    /// Nobody may enter any more, everybody is told to go (`closing`). True when all left within `timeout`; the rest
    /// keep their places. Returns early when the caller is cancelled.
    Task<bool> drain(Duration timeout) { return Core::drain(core_, timeout); }

    [[nodiscard]] RegistryStats stats() const { return core_->state().stats(); }
    [[nodiscard]] const RegistryParams& params() const { return core_->state().params(); }

private:
    using Core = RegistryCore<Session, Timer>;

    std::shared_ptr<Core> core_;
};

} // namespace squall::refkit
