// Who is let in: the guards that stand before every route that works for users.
#pragma once

#include "refkit/limiter/concurrency_limiter.hpp"
#include "refkit/limiter/gcra_limiter.hpp"
#include "refkit/limiter/pressure_shedder.hpp"
#include "scenario/target_settings.hpp"
#include "target/http.hpp"

#include <memory>
#include <optional>

namespace squall::target {

/// 429 for a rate that is used up, else 503; with Retry-After where somebody knows.
[[nodiscard]] Response refusal(const refkit::Rejection& rejection);

/// One thread. A guard that the settings do not name lets everybody pass.
class Gate {
public:
    Gate(const asio::any_io_executor& executor, const scenario::TargetSettings& settings);

    /// A place inside, held until it goes.
    class Pass {
    public:
        Pass() = default;
        explicit Pass(refkit::LimiterPermit permit) : permit_(std::move(permit)) {}
        /// How the request ended, for the limit to learn from: a server's error is a drop.
        void finish(http::status status);

    private:
        std::optional<refkit::LimiterPermit> permit_;
    };
    using Admitted = boost::system::result<Pass, Response>;

    /// The cheapest guard first: memory, then the rate, then the number at a time.
    Task<Admitted> admit();

    /// Null: there is none.
    [[nodiscard]] const refkit::PressureShedder* shedder() const { return shedder_.get(); }
    [[nodiscard]] const refkit::GcraLimiter* rate_limit() const { return rate_limit_.get(); }
    [[nodiscard]] const refkit::ConcurrencyLimiter* concurrency_limit() const { return concurrency_limit_.get(); }

private:
    std::unique_ptr<refkit::PressureShedder> shedder_;
    std::unique_ptr<refkit::GcraLimiter> rate_limit_;
    std::unique_ptr<refkit::ConcurrencyLimiter> concurrency_limit_;
};

/// Found by Boost.System when .value() is called on a refusal.
[[noreturn]] void throw_exception_from_error(const Response& refused, const boost::source_location& where);

} // namespace squall::target
