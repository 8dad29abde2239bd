// Why a part of the kit refused: one Boost.System category for all of them.
#pragma once

#include <boost/system/error_code.hpp>

#include <string_view>

namespace squall::refkit {

enum class Errc {
    pool_not_running = 1,    // run() was not called yet
    pool_cancelled,          // the pool was cancelled or destroyed
    acquire_timeout,         // the caller's deadline passed first
    acquire_cancelled,       // the caller was cancelled while it waited
    queue_full,              // max_waiters wait already
    pool_draining,           // the pool is shutting down
    no_connection_available, // try_acquire() found none idle
    circuit_open,            // the breaker lets nobody through
    rate_limited,            // the rate's share of this moment is used up
    concurrency_limited,     // as many calls as allowed run, and the queue is full
    shed,                    // the queue is too slow, or memory too short: less work is the cure
    load_failed,             // the cache's loader gave an error
    load_timeout,            // the cache's loader gave no value in time
    room_full,               // the room has as many members as it may have
    registry_full,           // all rooms together have
    registry_closed,         // the registry lets nobody in any more
};

/// The enumerator's name: "acquire_timeout". Stable: programs may show and compare it.
[[nodiscard]] std::string_view to_string(Errc error);

/// Name "squall.refkit"; messages are sentences for a person.
[[nodiscard]] const boost::system::error_category& error_category();

[[nodiscard]] boost::system::error_code make_error_code(Errc error);

} // namespace squall::refkit

template <>
struct boost::system::is_error_code_enum<squall::refkit::Errc> : std::true_type {};
