// asio::steady_timer on the virtual clock of a SimContext.
#pragma once

#include "sim/sim_context.hpp"

#include <boost/system/error_code.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace squall::sim {

/// The members of asio::steady_timer that the kit uses, with their meaning. Its executor must be a SimContext's.
class SimTimer {
public:
    explicit SimTimer(const asio::any_io_executor& executor, Instant at = {})
        : executor_(executor),
          context_(&static_cast<SimContext&>(asio::query(executor, asio::execution::context))),
          at_(at)
    {}
    ~SimTimer() { cancel(); }
    SimTimer(const SimTimer&) = delete;
    SimTimer& operator=(const SimTimer&) = delete;

    using executor_type = asio::any_io_executor;
    [[nodiscard]] executor_type get_executor() const { return executor_; }

    void expires_at(Instant at)
    {
        cancel();
        at_ = at;
    }

    /// Waits that are not over yet end with operation_aborted.
    void cancel()
    {
        for (const auto id : std::exchange(pending_, {})) {
            abort(*context_, id);
        }
    }

    template <typename Token>
    auto async_wait(Token&& token)
    {
        return asio::async_initiate<Token, void(boost::system::error_code)>(
            [this](auto handler) { start(std::move(handler)); }, token);
    }

private:
    template <typename Handler>
    struct Wait final : Work {
        explicit Wait(Handler h) : handler(std::move(h)) {}
        void run() override { std::move(handler)(error); }
        void abort() override { error = asio::error::operation_aborted; }
        Handler handler;
        boost::system::error_code error;
    };

    static void abort(SimContext& context, SimContext::TimerId id)
    {
        if (auto work = context.forget_wait(id)) {
            work->abort();
            context.post(std::move(work));
        }
    }

    template <typename Handler>
    void start(Handler handler)
    {
        auto slot = asio::get_associated_cancellation_slot(handler);
        const auto id = context_->wait_until(at_, std::make_unique<Wait<Handler>>(std::move(handler)));
        pending_.push_back(id);
        if (slot.is_connected()) {
            slot.template emplace<Canceller>(*context_, id);
        }
    }

    /// Ids are never used twice: a signal that comes after the wait is over finds nothing.
    struct Canceller {
        Canceller(SimContext& c, SimContext::TimerId i) : context(&c), id(i) {}
        void operator()(asio::cancellation_type type) const
        {
            if (type != asio::cancellation_type::none) {
                abort(*context, id);
            }
        }
        SimContext* context;
        SimContext::TimerId id;
    };

    asio::any_io_executor executor_;
    SimContext* context_;
    Instant at_;
    std::vector<SimContext::TimerId> pending_; // also some that are over
};

} // namespace squall::sim
