// The rooms of /ws/rooms/{n}: who is in them, and what is said there.
#pragma once

#include "refkit/registry/connection_registry.hpp"
#include "target/http.hpp"
#include "wire/task.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace squall::target {

class RoomSocket;

/// The seams at which defects work.
struct RoomSeams {
    /// Whether a member who has left is forgotten. `in_order`: with a close frame.
    std::function<bool(bool in_order)> forgets = [](bool) { return true; };
    bool sweeps = true;        // silent members are pinged, and dropped when they stay silent
    bool bounds_queues = true; // a member who takes nothing is dropped when too much waits for it
};

struct RoomCounters {
    std::uint64_t messages_in = 0;
    std::uint64_t messages_out = 0;
    std::size_t queued_bytes = 0; // of all members, now
    // Of the registry's statistics:
    std::uint64_t dropped_silent = 0;
    std::uint64_t dropped_slow = 0;
    std::uint64_t refused = 0;
};

/// One thread. Must outlive every socket's serve().
class Rooms {
public:
    /// Throws std::invalid_argument when check(params) finds something broken.
    explicit Rooms(const refkit::RegistryParams& params = {});
    ~Rooms();

    RoomSeams seams;

    /// The room that a target names: /ws/rooms/{n}; nothing for others.
    [[nodiscard]] static std::optional<std::string> room_of(std::string_view path);

    /// Takes the connection over: upgrades it, or refuses it with 503 where the limits are reached. A JSON message with
    /// "say" goes to all members of the room, any other back to its sender.
    Task<void> serve(asio::ip::tcp::socket socket, Request request, std::string room);

    /// Sweeps until it is cancelled.
    Task<void> run();

    [[nodiscard]] std::size_t sockets() const { return registry().members; }
    [[nodiscard]] std::size_t rooms() const { return registry().rooms; }
    [[nodiscard]] refkit::RegistryStats registry() const { return registry_.stats(); }
    [[nodiscard]] RoomCounters counters() const;

private:
    friend class RoomSocket;

    Task<bool> converse(std::shared_ptr<RoomSocket> socket, std::string room);
    void pass_on(RoomSocket& from, const std::string& room, std::string text, bool is_text);

    RoomCounters counters_;
    refkit::ConnectionRegistry<RoomSocket> registry_; // first to go: its sockets count
};

} // namespace squall::target
