// Circuit breakers before what the target needs, where the settings ask for them.
#pragma once

#include "refkit/breaker/circuit_breaker.hpp"
#include "refkit/pool/connection_pool.hpp"

#include <memory>
#include <optional>
#include <string>

namespace squall::target {

/// Null where there are no parameters. Every change of phase is a line on stderr: "breaker postgres: closed → open".
[[nodiscard]] std::unique_ptr<refkit::CircuitBreaker> make_breaker(const std::string& name,
                                                                   const std::optional<refkit::BreakerParams>& params);

/// A breaker's permission, or that of none. Settled once; without a word it says nothing.
class BreakerPass {
public:
    BreakerPass() = default;
    explicit BreakerPass(refkit::BreakerPermit permit) : permit_(std::move(permit)) {}
    void settle(refkit::Verdict verdict);

private:
    std::optional<refkit::BreakerPermit> permit_;
};

/// `breaker` may be null: then everybody passes.
[[nodiscard]] refkit::Admission<BreakerPass> ask(refkit::CircuitBreaker* breaker);

/// A pool that could give none in time says that the far end is slow or gone; a refusal by the pool says nothing of it.
[[nodiscard]] refkit::Verdict verdict_on(const refkit::AcquireFailure& failure);

} // namespace squall::target
