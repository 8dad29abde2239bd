// A cache on an Asio executor, bounded in number and time, that loads what it lacks: a thin shell over CacheState.
#pragma once

#include "refkit/cache/cache_core.hpp"

namespace squall::refkit {

/// Found by Boost.System when .value() is called on a failure.
[[noreturn]] inline void throw_exception_from_error(const LoadFailure& failure, const boost::source_location&)
{
    throw std::runtime_error(failure.code.message() + ": " + failure.message);
}

/// Single-threaded: the executor's. `Timer` is asio::steady_timer, or what a simulation puts in its place.
template <typename Key, typename Value, typename Hash = std::hash<Key>, typename Timer = asio::steady_timer>
class BoundedCache {
public:
    using Core = CacheCore<Key, Value, Hash, Timer>;
    /// Brings the value of a key by a deadline, or says why not. A load belongs to the cache, not to the caller that
    /// caused it: callers come and go, the load goes on. One that does not end in load_timeout is cancelled and fails
    /// its callers, whether it heeds that or not.
    using Loader = typename Core::Loader;
    using Got = typename Core::Outcome;

    /// Throws std::invalid_argument when check(params) finds something broken. `random` spreads the times to live.
    BoundedCache(asio::any_io_executor executor, CacheParams params, Loader loader, Random random,
                 std::shared_ptr<const Clock> clock = std::make_shared<SteadyClock>())
        : core_(std::make_shared<Core>(std::move(executor), params, std::move(loader), random, std::move(clock)))
    {}
    /// Loads are cancelled, waiting callers fail with acquire_cancelled.
    ~BoundedCache() { core_->stop(); }
    BoundedCache(const BoundedCache&) = delete;
    BoundedCache& operator=(const BoundedCache&) = delete;

    /// The value by `deadline`: kept, or from a load that many callers may share. load_failed (with the loader's
    /// message), load_timeout, acquire_timeout or acquire_cancelled. Failures are not kept: the next caller loads anew.
    Task<Got> get(Key key, Instant deadline) { return get(core_, std::move(key), deadline); }

    /// What is kept is out of date, and so is what is being loaded: those who ask from now on get what is loaded from
    /// now on.
    void invalidate(const Key& key) { core_->state().invalidate(key); }
    void clear() { core_->state().clear(); }

    [[nodiscard]] CacheStats stats() const { return core_->state().stats(); }

private:
    static Task<Got> get(std::shared_ptr<Core> core, Key key, Instant deadline)
    {
        const auto found = core->state().find(key, core->now());
        if (const auto* kept = std::get_if<const Value*>(&found)) {
            co_return **kept;
        }
        typename Core::Place place(core);
        core->join(std::get<typename Core::Flight>(found), key, place.caller, deadline);
        if (!place.caller.outcome) {
            auto answered = place.caller.suspension.wait(*core, place.caller.id);
            co_await std::move(answered);
        }
        co_return std::move(*place.caller.outcome);
    }

    std::shared_ptr<Core> core_;
};

} // namespace squall::refkit
