// The connections of a pool, and which of them are on loan.
#pragma once

#include "refkit/pool/waiter_queue.hpp"
#include "refkit/slot_table.hpp"
#include "wire/task.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace squall::refkit {

/// A connection of a pool. `executor` is the pool's, or a strand of the connection's own in a pool for many threads.
template <typename Adapter>
struct PoolSlot {
    ConnectionId id;
    asio::any_io_executor executor;
    typename Adapter::Connection connection;
    bool lent = false;
};

/// On the pool's executor. A slot on loan stays where it is until it comes back, whatever the pool forgets meanwhile: a
/// loan needs no share in it.
template <typename Adapter>
class PoolSlots {
public:
    using Slot = PoolSlot<Adapter>;

    void put(const std::shared_ptr<Slot>& slot) { slots_.put(slot->id, slot); }
    /// Null when it is unknown, or was forgotten.
    [[nodiscard]] std::shared_ptr<Slot> find(ConnectionId id) const { return slots_.find(id); }
    void forget(const std::shared_ptr<Slot>& slot)
    {
        if (slots_.erase(slot->id) && slot->lent) {
            orphans_.push_back(slot);
        }
    }

    /// Null as above.
    Slot* lend(ConnectionId id)
    {
        const auto* found = slots_.peek(id);
        if (found == nullptr) {
            return nullptr;
        }
        (*found)->lent = true;
        ++lent_;
        return found->get();
    }
    /// One that was forgotten on loan: the last share in it. Null when the pool still has it.
    std::shared_ptr<Slot> come_back(Slot& slot)
    {
        slot.lent = false;
        --lent_;
        return orphans_.empty() ? nullptr : take_orphan(slot);
    }
    [[nodiscard]] bool any_lent() const { return lent_ > 0; }

private:
    std::shared_ptr<Slot> take_orphan(const Slot& slot)
    {
        const auto found = std::find_if(orphans_.begin(), orphans_.end(),
                                        [&slot](const auto& orphan) { return orphan.get() == &slot; });
        if (found == orphans_.end()) {
            return nullptr;
        }
        auto orphan = std::move(*found);
        orphans_.erase(found);
        return orphan;
    }

    SlotShadow<ConnectionId, std::shared_ptr<Slot>> slots_;
    std::vector<std::shared_ptr<Slot>> orphans_; // forgotten on loan
    std::size_t lent_ = 0;
};

} // namespace squall::refkit
