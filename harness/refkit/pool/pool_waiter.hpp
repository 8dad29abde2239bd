// Who waits for a connection: a coroutine in its frame, or the handler of any other completion token.
#pragma once

#include "refkit/pool/pool_actions.hpp"
#include "refkit/suspension.hpp"
#include "wire/task.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <variant>

namespace squall::refkit {

/// What the pool knows of a caller; on the pool's executor.
class PoolWaiter {
public:
    using Outcome = std::variant<ConnectionId, Errc>;

    PoolWaiter() = default;
    PoolWaiter(const PoolWaiter&) = delete;
    PoolWaiter& operator=(const PoolWaiter&) = delete;

    /// Once: there is an outcome. May end this object.
    virtual void served() = 0;

    WaiterId id{};
    std::optional<Outcome> outcome;

protected:
    ~PoolWaiter() = default;
};

/// A coroutine; lives in its frame. Whoever waits here is resumed by served(): a pool that ends serves everybody.
class WaitingCoroutine final : public PoolWaiter {
public:
    /// To be awaited, as Suspension::wait().
    template <typename Core>
    auto wait(Core& core)
    {
        return suspension_.wait(core, id);
    }
    void served() override { suspension_.resume(); }

private:
    Suspension suspension_;
};

/// The handler of any other token, with its executor, allocator and cancellation slot. Owns itself while it waits.
/// `Core` is the pool's, `Loan` what it lends; completes with (error_code, Loan) on the handler's executor.
template <typename Core, typename Loan, typename Diagnostics, typename Handler>
class WaitingHandler final : public PoolWaiter {
public:
    WaitingHandler(std::shared_ptr<Core> core, Diagnostics* diagnostics, Handler handler)
        : core_(std::move(core)),
          diagnostics_(diagnostics),
          work_(asio::get_associated_executor(handler, core_->executor())),
          handler_(std::move(handler))
    {}

    static void start(std::shared_ptr<Core> core, std::optional<Instant> deadline, std::source_location where,
                      Diagnostics* diagnostics, Handler handler)
    {
        const auto slot = asio::get_associated_cancellation_slot(handler);
        const auto allocator = asio::get_associated_allocator(handler, asio::recycling_allocator<void>());
        auto self = std::allocate_shared<WaitingHandler>(allocator, core, diagnostics, std::move(handler));
        listen(slot, self);
        core->from_anywhere([self = std::move(self), deadline, where](Core& pool) {
            self->self_ = self;
            pool.enter(*self, deadline, where);
        });
    }

    void served() override
    {
        const auto self = std::move(self_);
        error_code error;
        Loan loan;
        if (const auto* connection = std::get_if<ConnectionId>(&*outcome)) {
            auto* slot = core_->collect(*this, *connection);
            error = slot != nullptr ? error_code() : make_error_code(Errc::pool_cancelled);
            loan = slot != nullptr ? Loan(*core_, *slot) : Loan();
        } else {
            core_->leave(*this);
            error = make_error_code(std::get<Errc>(*outcome));
        }
        if (error && diagnostics_ != nullptr) {
            *diagnostics_ = core_->template failure<Diagnostics>(error);
        }
        // What asio::post() comes to, without its detours through any_io_executor.
        asio::require(work_.get_executor(), asio::execution::blocking.never)
            .execute([handler = std::move(handler_), error, loan = std::move(loan)]() mutable {
                std::move(handler)(error, std::move(loan));
            });
    }

private:
    template <typename Slot>
    static void listen(Slot slot, const std::shared_ptr<WaitingHandler>& self)
    {
        if (slot.is_connected()) {
            slot.assign([weak = std::weak_ptr(self)](asio::cancellation_type type) {
                const auto waiting = weak.lock();
                if (waiting && type != asio::cancellation_type::none) {
                    waiting->core_->from_anywhere([waiting](Core& pool) { pool.cancel_waiting(waiting->id); });
                }
            });
        }
    }

    using Executor = asio::associated_executor_t<Handler, asio::any_io_executor>;

    std::shared_ptr<Core> core_;
    Diagnostics* diagnostics_;
    asio::executor_work_guard<Executor> work_;
    Handler handler_;
    std::shared_ptr<WaitingHandler> self_;
};

} // namespace squall::refkit
