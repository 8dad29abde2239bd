// What a registry of connections is told and what it tells.
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace squall::refkit {

struct RegistryParams {
    std::size_t most_in_room = 100;
    std::size_t most_in_all = 1000;
    Duration ping_after = std::chrono::seconds(1); // without a sign of life
    Duration drop_after = std::chrono::seconds(2); // likewise; longer than ping_after, or nobody could answer a ping
    // Older: dropped, each a random part, up to a quarter, earlier than the others.
    std::optional<Duration> max_age = std::nullopt;
    Duration sweep_every = std::chrono::milliseconds(500); // how late a ping or a drop may come
};
/// Says what of `params` is broken: room for nobody, a time of 0 or less, a drop that does not wait for the ping.
[[nodiscard]] Result<void> check(const RegistryParams& params);

/// Why a member has to go.
enum class DropReason {
    silent,  // no sign of life for drop_after
    aged,    // older than max_age: it may come back at once
    slow,    // takes too little of what is sent to it
    closing, // the registry closes
};

/// The first three are of this moment; the others count since the registry was made.
struct RegistryStats {
    std::size_t members = 0;
    std::size_t rooms = 0;
    std::size_t leaving = 0; // members that were told to go and have not left yet
    std::uint64_t entered = 0;
    std::uint64_t left = 0;
    std::uint64_t refused_room_full = 0;
    std::uint64_t refused_registry_full = 0;
    std::uint64_t refused_closed = 0;
    std::uint64_t pinged = 0;
    std::uint64_t dropped_silent = 0;
    std::uint64_t dropped_aged = 0;
    std::uint64_t dropped_slow = 0;
    std::uint64_t dropped_closing = 0;
};

} // namespace squall::refkit
