// A connection on loan: it goes back when this goes.
#pragma once

#include "refkit/mutants.hpp"
#include "refkit/pool/pool_core.hpp"

#include <memory>
#include <utility>

namespace squall::refkit {

/// Move-only. May outlive the pool: the connection is then closed when this goes. What happens to a connection that
/// comes back inside a transaction, or with a statement under way, is PoolParams::reset_on_return's to say.
/// Used on the pool's executor; in a pool for many threads from one thread at a time, its connection on executor().
template <typename Adapter, typename Timer = asio::steady_timer>
class PooledConnection {
public:
    using Connection = typename Adapter::Connection;

    PooledConnection() = default;
    PooledConnection(PoolCore<Adapter, Timer>& core, PoolSlot<Adapter>& slot) : core_(core.for_loan()), slot_(&slot) {}
    ~PooledConnection() { give_back(); }
    PooledConnection(PooledConnection&& other) noexcept
        : core_(std::move(other.core_)),
          slot_(std::exchange(other.slot_, nullptr))
    {}
    PooledConnection& operator=(PooledConnection&& other) noexcept
    {
        if (this != &other) {
            give_back();
            core_ = std::move(other.core_);
            slot_ = std::exchange(other.slot_, nullptr);
        }
        return *this;
    }

    /// False for a moved-from, discarded or detached one.
    [[nodiscard]] bool valid() const { return slot_ != nullptr; }
    Connection* operator->() const { return &slot_->connection; }
    Connection& operator*() const { return slot_->connection; }

    /// Where operations on it belong in a pool for many threads: a strand of its own. The pool's executor otherwise.
    [[nodiscard]] const asio::any_io_executor& executor() const { return slot_->executor; }

    /// Back to the pool at once.
    void give_back() { give_back(slot_ ? judge() : ReturnedAs::broken, false); }
    /// The same, without what reset_on_return says for every return: its user left nothing behind. One inside a
    /// transaction is rolled back all the same.
    void return_without_reset() { give_back(slot_ ? judge() : ReturnedAs::broken, true); }
    /// The pool closes the connection.
    void discard() { give_back(ReturnedAs::broken, true); }

    /// The connection leaves the pool, which may open another in its place. valid() must hold.
    [[nodiscard]] Connection detach()
    {
        Connection connection = std::move(slot_->connection);
        core_->from_anywhere([slot = std::exchange(slot_, nullptr)](Core& core) { core.detach(*slot); });
        core_.reset();
        return connection;
    }

private:
    using Core = PoolCore<Adapter, Timer>;

    [[nodiscard]] ReturnedAs judge() const { return core_->adapter().condition(slot_->connection); }
    void give_back(ReturnedAs as, bool without_reset)
    {
        if (!slot_) {
            return;
        }
        core_->from_anywhere([slot = std::exchange(slot_, nullptr), as, without_reset](Core& core) {
            core.release(*slot, as, without_reset);
        });
        core_.reset();
    }

    std::shared_ptr<PoolCore<Adapter, Timer>> core_;
    PoolSlot<Adapter>* slot_ = nullptr;
};

} // namespace squall::refkit
