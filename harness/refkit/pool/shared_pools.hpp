// One pool for all who speak to the same server in the same way.
#pragma once

#include "refkit/pool/connection_pool.hpp"
#include "refkit/rejection.hpp"

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace squall::refkit {

/// Pools by adapter and parameters, which must be comparable. Whoever asks with equal ones shares a pool; when the last
/// handle goes, the pool drains. Who comes while it does gets a new pool at once, and one bound for both: the new one
/// opens connections as the old one's close, so that together they never exceed PoolParams::max.
/// One executor, as for a single pool; thread_safe is refused with std::invalid_argument. Goes after its handles or
/// before them, and before the execution context.
template <typename Adapter, typename Timer = asio::steady_timer>
class SharedPools {
public:
    using Pool = ConnectionPool<Adapter, Timer>;
    /// Copies share. The pool lives, and takes callers, as long as one of them does.
    using Handle = std::shared_ptr<Pool>;

    /// `drain_timeout`: for the loans that are out when the last handle goes; then they are closed.
    SharedPools(asio::any_io_executor executor, Random random, Duration drain_timeout,
                std::shared_ptr<const Clock> clock = std::make_shared<SteadyClock>())
        : executor_(std::move(executor)),
          random_(random),
          drain_timeout_(drain_timeout),
          clock_(std::move(clock))
    {}

    /// The running pool of these parameters. Throws std::invalid_argument when check(params) finds something broken.
    [[nodiscard]] Handle get(const Adapter& adapter, const PoolParams& params)
    {
        if (params.thread_safe) {
            throw std::invalid_argument("shared pools are for one executor: thread_safe is not for them");
        }
        require_valid(check(params));
        auto& entry = entry_of(adapter, params);
        if (auto shared = entry.current.lock(); shared && !SQUALL_MUTANT(factory_forgets_pool)) {
            return shared;
        }
        return open(entry);
    }

    /// Pools that have handles.
    [[nodiscard]] std::size_t size() const
    {
        std::size_t alive = 0;
        for (const auto& entry : entries_) {
            alive += entry->current.expired() ? 0U : 1U;
        }
        return alive;
    }

private:
    struct Entry {
        Adapter adapter;
        PoolParams params;
        std::shared_ptr<PoolBudget> budget; // of all generations
        std::weak_ptr<Pool> current{};
        std::vector<std::weak_ptr<Pool>> generations{}; // open, or draining
    };

    Entry& entry_of(const Adapter& adapter, const PoolParams& params)
    {
        for (auto& entry : entries_) {
            if (entry->adapter == adapter && entry->params == params) {
                return *entry;
            }
        }
        entries_.push_back(std::make_shared<Entry>(Entry{adapter, params, std::make_shared<PoolBudget>(params.max)}));
        return *entries_.back();
    }

    Handle open(Entry& entry)
    {
        const auto pool = std::make_shared<Pool>(executor_, entry.adapter, entry.params,
                                                 random_.stream("shared pool", ++made_), clock_);
        if (!SQUALL_MUTANT(factory_drain_race)) {
            pool->share(entry.budget, [weak = std::weak_ptr(entry_pointer(entry))] { tell_all(weak.lock()); });
        }
        std::erase_if(entry.generations, [](const auto& old) { return old.expired(); });
        entry.generations.push_back(pool);
        pool->start();
        // The pool is kept until it has run to its end.
        pool->async_run([pool](error_code) {});
        // Weak pointers keep a deleter, which must not keep the pool.
        Handle handle(pool.get(), [last = pool, timeout = drain_timeout_](Pool*) mutable {
            const auto draining = std::move(last);
            draining->start_draining();
            draining->async_drain(timeout, [draining](error_code, bool) {});
        });
        entry.current = handle;
        return handle;
    }

    std::shared_ptr<Entry> entry_pointer(const Entry& entry) const
    {
        for (const auto& each : entries_) {
            if (each.get() == &entry) {
                return each;
            }
        }
        return nullptr;
    }

    static void tell_all(const std::shared_ptr<Entry>& entry)
    {
        if (!entry) {
            return;
        }
        const auto generations = entry->generations;
        for (const auto& each : generations) {
            if (const auto pool = each.lock()) {
                pool->look();
            }
        }
    }

    asio::any_io_executor executor_;
    Random random_;
    Duration drain_timeout_;
    std::shared_ptr<const Clock> clock_;
    std::vector<std::shared_ptr<Entry>> entries_;
    std::uint64_t made_ = 0;
};

} // namespace squall::refkit
