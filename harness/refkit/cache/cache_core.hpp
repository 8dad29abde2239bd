// The inside of a BoundedCache, shared with its callers and loads, so that each may go first.
#pragma once

#include "refkit/cache/cache_state.hpp"
#include "refkit/deadline_queue.hpp"
#include "refkit/mutants.hpp"
#include "refkit/parking.hpp"
#include "wire/task.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace squall::refkit {

/// Why there is no value: `code` is of Errc, `message` the loader's own.
struct LoadFailure {
    error_code code;
    std::string message;
};

enum class CacheCallerId : std::uint64_t {};

/// One thread: the executor's. `Timer` is asio::steady_timer, or what a simulation puts in its place.
template <typename Key, typename Value, typename Hash, typename Timer>
class CacheCore : public std::enable_shared_from_this<CacheCore<Key, Value, Hash, Timer>> {
public:
    using Loader = std::function<Task<Result<Value>>(Key, Instant deadline)>;
    using Outcome = boost::system::result<Value, LoadFailure>;
    using State = CacheState<Key, Value, Hash>;
    using Flight = typename State::Flight;
    using Callers = Parking<CacheCallerId, Outcome>;

    /// A caller that waits for a load; leaves when it goes.
    class Place {
    public:
        explicit Place(std::shared_ptr<CacheCore> core) : core_(std::move(core)) {}
        ~Place() { core_->leave(caller); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        typename Callers::Caller caller;

    private:
        std::shared_ptr<CacheCore> core_;
    };

    CacheCore(asio::any_io_executor executor, CacheParams params, Loader loader, Random random,
              std::shared_ptr<const Clock> clock)
        : executor_(std::move(executor)),
          clock_(std::move(clock)),
          loader_(std::move(loader)),
          state_(params, random),
          timer_(executor_)
    {}

    [[nodiscard]] State& state() { return state_; }
    [[nodiscard]] Instant now() const { return clock_->now(); }

    void join(const Flight& flight, const Key& key, typename Callers::Caller& caller, Instant deadline)
    {
        queue_.recycle();
        caller.id = queue_.enter({deadline});
        callers_.enter(caller);
        arm();
        if (flight.begin) {
            loads_.emplace(flight.id, std::make_shared<Load>(executor_));
        }
        loads_.at(flight.id)->callers.push_back(caller.id);
        if (flight.begin) {
            begin(flight.id, key);
        }
    }

    /// The caller does not want to wait any more.
    void cancel_waiting(CacheCallerId caller) { answer(caller, failure(Errc::acquire_cancelled)); }
    void tick()
    {
        wake_at_ = Instant::max();
        for (const auto at = now(); !queue_.empty() && queue_.next_deadline() <= at;) {
            answer(queue_.most_urgent(), failure(Errc::acquire_timeout));
        }
        arm();
    }
    /// Of the callers, not of the loads.
    void fail_all()
    {
        while (!queue_.empty()) {
            answer(queue_.first(), failure(Errc::acquire_cancelled));
        }
    }
    void stop()
    {
        while (!loads_.empty()) {
            const auto flight = loads_.begin()->first;
            const auto load = loads_.begin()->second;
            end(flight, failure(Errc::acquire_cancelled));
            load->cancellation.emit(asio::cancellation_type::terminal);
        }
    }

private:
    struct Load {
        explicit Load(const asio::any_io_executor& executor) : limit(executor) {}
        std::vector<CacheCallerId> callers; // some of them may have left
        asio::cancellation_signal cancellation;
        Timer limit;
    };

    // What a load brings, or nothing when it threw.
    using Brought = std::optional<Result<Value>>;

    struct Waiter {
        Instant deadline{};
    };

    static LoadFailure failure(Errc error) { return {make_error_code(error), {}}; }

    /// Whoever has left, or has its answer, is ignored.
    void answer(CacheCallerId caller, const Outcome& outcome)
    {
        if (queue_.waits(caller)) {
            erase(caller);
            callers_.answer(caller, outcome);
        }
    }
    void leave(const typename Callers::Caller& caller)
    {
        callers_.leave(caller);
        if (queue_.waits(caller.id)) {
            erase(caller.id);
        }
    }
    void erase(CacheCallerId caller)
    {
        queue_.erase(caller);
        if (queue_.empty() && wake_at_ != Instant::max()) {
            wake_at_ = Instant::max();
            timer_.cancel(); // an execution context must not wait for what nobody waits for
        }
    }
    /// A timer that is set for earlier wakes up for nothing once.
    void arm()
    {
        if (!queue_.empty() && queue_.next_deadline() < wake_at_) {
            wake_at_ = queue_.next_deadline();
            timer_.expires_at(wake_at_);
            timer_.async_wait(Alarm<CacheCore>(this->weak_from_this()));
        }
    }

    void begin(FlightId flight, const Key& key)
    {
        const auto load = loads_.at(flight);
        const auto deadline = saturating_add(now(), state_.params().load_timeout);
        load->limit.expires_at(deadline);
        load->limit.async_wait([weak = this->weak_from_this(), flight](error_code error) {
            const auto core = weak.lock();
            if (!error && core && !SQUALL_MUTANT(load_without_deadline)) {
                core->give_up(flight);
            }
        });
        asio::co_spawn(executor_, bring(this->shared_from_this(), key, deadline),
                       asio::bind_cancellation_slot(load->cancellation.slot(),
                                                    [core = this->shared_from_this(), load,
                                                     flight](const std::exception_ptr& thrown, Brought brought) {
                                                        core->ended(flight, thrown ? std::nullopt : std::move(brought));
                                                    }));
    }

    static Task<Brought> bring(std::shared_ptr<CacheCore> core, Key key, Instant deadline)
    {
        auto loading = core->loader_(std::move(key), deadline);
        auto brought = co_await std::move(loading);
        co_return Brought(std::move(brought));
    }

    void ended(FlightId flight, Brought brought)
    {
        if (!loads_.contains(flight)) {
            return; // given up meanwhile
        }
        if (!brought || !*brought) {
            end(flight, LoadFailure{make_error_code(Errc::load_failed),
                                    brought ? brought->error().message : "the loader threw an exception"});
            return;
        }
        state_.loaded(flight, brought->value(), now());
        end(flight, std::move(**brought));
    }

    void give_up(FlightId flight)
    {
        if (const auto found = loads_.find(flight); found != loads_.end()) {
            const auto load = found->second;
            end(flight, failure(Errc::load_timeout));
            load->cancellation.emit(asio::cancellation_type::terminal);
        }
    }

    void end(FlightId flight, const Outcome& outcome)
    {
        state_.failed(flight); // unless it was loaded
        const auto found = loads_.find(flight);
        const auto load = found->second;
        loads_.erase(found);
        load->limit.cancel();
        for (const auto caller : load->callers) {
            answer(caller, outcome);
        }
    }

    asio::any_io_executor executor_;
    std::shared_ptr<const Clock> clock_;
    Loader loader_;
    State state_;
    Callers callers_;
    std::unordered_map<FlightId, std::shared_ptr<Load>> loads_;
    DeadlineQueue<CacheCallerId, Waiter> queue_; // in no order that matters
    Instant wake_at_ = Instant::max();           // of the timer, while it is set
    Timer timer_;                                // for the callers' deadlines
};

} // namespace squall::refkit
