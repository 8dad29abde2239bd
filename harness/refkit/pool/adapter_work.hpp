// What a pool has under way with its connections: dials, questions, resets and farewells.
#pragma once

#include "base/result.hpp"
#include "refkit/pool/pool_slots.hpp"
#include "wire/task.hpp"

#include <exception>
#include <iterator>
#include <list>
#include <memory>
#include <utility>

namespace squall::refkit {

/// On the pool's executor.
template <typename Adapter>
class AdapterWork {
public:
    using Slot = PoolSlot<Adapter>;

    [[nodiscard]] bool empty() const { return running_.empty(); }

    /// Runs `work` beside its connection; ended(bool thrown, Result<void>) is then called on `pool`. `ended` keeps this
    /// object alive. Work that is cancelled throws, or says that it failed.
    template <typename Ended>
    void spawn(const asio::any_io_executor& pool, Task<Result<void>> work, const std::shared_ptr<Slot>& slot,
               Ended ended)
    {
        running_.emplace_back();
        const auto operation = std::prev(running_.end());
        operation->slot = slot;
        asio::co_spawn(slot->executor, std::move(work),
                       asio::bind_cancellation_slot(
                           operation->cancellation.slot(),
                           asio::bind_executor(pool, [this, operation, ended = std::move(ended)](
                                                         const std::exception_ptr& thrown, Result<void> result) {
                               end(operation);
                               ended(thrown != nullptr, std::move(result));
                           })));
    }

    /// Terminal; nothing happens where nothing is under way.
    void cancel(ConnectionId id)
    {
        for (auto& operation : running_) {
            if (operation.slot->id == id) {
                operation.cancellation.emit(asio::cancellation_type::terminal);
                return;
            }
        }
    }

    /// Where no handler of ours is being called.
    void forget_ended() { ended_.clear(); }

private:
    struct Operation {
        std::shared_ptr<Slot> slot;
        asio::cancellation_signal cancellation;
    };
    using Operations = std::list<Operation>;

    /// The signal must outlive the handler that this is called from, and the handlers around it.
    void end(typename Operations::iterator operation)
    {
        operation->slot.reset();
        ended_.splice(ended_.end(), running_, operation);
    }

    Operations running_;
    Operations ended_;
};

} // namespace squall::refkit
