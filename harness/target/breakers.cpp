#include "target/breakers.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <random>
#include <utility>

namespace squall::target {

std::unique_ptr<refkit::CircuitBreaker> make_breaker(const std::string& name,
                                                     const std::optional<refkit::BreakerParams>& params)
{
    if (!params) {
        return nullptr;
    }
    const auto tell = [name](const refkit::Transition& moved) {
        fmt::print(stderr, "squall-target: breaker {}: {} → {}\n", name, to_string(moved.from), to_string(moved.to));
    };
    return std::make_unique<refkit::CircuitBreaker>(*params, Random(std::random_device{}()),
                                                    std::make_shared<SteadyClock>(), tell);
}

void BreakerPass::settle(refkit::Verdict verdict)
{
    if (!permit_) {
        return;
    }
    switch (verdict) {
    case refkit::Verdict::success:
        permit_->on_success();
        break;
    case refkit::Verdict::failure:
        permit_->on_error();
        break;
    case refkit::Verdict::ignored:
        permit_->on_ignored();
        break;
    }
}

refkit::Admission<BreakerPass> ask(refkit::CircuitBreaker* breaker)
{
    if (breaker == nullptr) {
        return BreakerPass();
    }
    auto permit = breaker->try_acquire_permission();
    if (!permit) {
        return permit.error();
    }
    return BreakerPass(std::move(*permit));
}

refkit::Verdict verdict_on(const refkit::AcquireFailure& failure)
{
    return failure.code == refkit::Errc::acquire_timeout ? refkit::Verdict::failure : refkit::Verdict::ignored;
}

} // namespace squall::target
