// A connection on loan: it goes back when this goes.
#pragma once

#include "refkit/mutants.hpp"
#include "refkit/pool/pool_core.hpp"

#include <memory>
#include <utility>

namespace squall::refkit {

/// Move-only. Used on the pool's executor. May outlive the pool: the connection is then closed when this goes.
/// A connection that comes back inside a transaction is rolled back by the pool; one with a query under way is closed.
template <typename Adapter, typename Timer = asio::steady_timer>
class PooledConnection {
public:
    using Connection = typename Adapter::Connection;

    PooledConnection() = default;
    PooledConnection(std::shared_ptr<PoolCore<Adapter, Timer>> core, std::shared_ptr<PoolSlot<Adapter>> slot)
        : core_(std::move(core)),
          slot_(std::move(slot))
    {}
    ~PooledConnection() { give_back(); }
    PooledConnection(PooledConnection&& other) noexcept : core_(std::move(other.core_)), slot_(std::move(other.slot_))
    {}
    PooledConnection& operator=(PooledConnection&& other) noexcept
    {
        if (this != &other) {
            give_back();
            core_ = std::move(other.core_);
            slot_ = std::move(other.slot_);
        }
        return *this;
    }

    /// False for a moved-from, discarded or detached one.
    [[nodiscard]] bool valid() const { return slot_ != nullptr; }
    Connection* operator->() const { return &slot_->connection; }
    Connection& operator*() const { return slot_->connection; }

    /// Back to the pool at once.
    void give_back()
    {
        if (slot_) {
            core_->release(*slot_, core_->adapter().condition(slot_->connection));
            if (SQUALL_MUTANT(released_twice)) {
                return;
            }
            forget();
        }
    }

    /// The pool closes the connection.
    void discard()
    {
        if (slot_) {
            core_->release(*slot_, ReturnedAs::broken);
            forget();
        }
    }

    /// The connection leaves the pool, which may open another in its place. valid() must hold.
    [[nodiscard]] Connection detach()
    {
        core_->detach(*slot_);
        Connection connection = std::move(slot_->connection);
        forget();
        return connection;
    }

private:
    void forget()
    {
        slot_.reset();
        core_.reset();
    }

    std::shared_ptr<PoolCore<Adapter, Timer>> core_;
    std::shared_ptr<PoolSlot<Adapter>> slot_;
};

} // namespace squall::refkit
