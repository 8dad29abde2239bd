// What a ConcurrencyLimiter hands out.
#pragma once

#include "base/time.hpp"
#include "refkit/permit.hpp"

#include <cstddef>
#include <memory>

namespace squall::refkit {

struct LimiterTicket {
    Instant started;
    std::size_t in_flight; // itself among them
};

/// Says how the call went; destroyed without a word, it says nothing about the limit. In every case its place is free
/// again. May outlive its limiter; used on its executor.
class LimiterPermit : public Permit<std::shared_ptr<PermitOwner<LimiterTicket>>, LimiterTicket> {
public:
    using Permit::Permit;
    void on_success() { settle(Verdict::success); }
    /// The far end refused it, or it took too long: the limit is too high.
    void on_dropped() { settle(Verdict::failure); }
    /// Neither: the call never got there, or its length says nothing.
    void on_ignore() { settle(Verdict::ignored); }
};

} // namespace squall::refkit
