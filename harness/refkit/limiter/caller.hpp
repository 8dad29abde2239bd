// What the queues of the limiters have in common.
#pragma once

#include "refkit/rejection.hpp"

#include <cstdint>
#include <optional>
#include <variant>

namespace squall::refkit {

enum class CallerId : std::uint64_t {};

/// The caller's one answer: admitted, or why not.
struct Answer {
    CallerId caller;
    std::optional<Rejection> refused;
};
/// tick() is wanted at this instant; replaces an earlier wish.
struct WakeAt {
    Instant at;
};
using LimiterAction = std::variant<Answer, WakeAt>;

} // namespace squall::refkit
