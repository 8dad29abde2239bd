// Connections opened outside the pool, counted by the place in the program that opens them.
#pragma once

#include "wire/postgres_connection.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace squall::target {

/// What one site did.
struct DirectCount {
    std::uint64_t opened = 0;
    std::uint64_t open = 0; // now
};

/// Closes when it goes. Move-only.
class DirectConnection {
public:
    /// Takes an open connection and counts it.
    DirectConnection(wire::PostgresConnection connection, std::shared_ptr<DirectCount> count);
    ~DirectConnection();
    DirectConnection(DirectConnection&&) noexcept = default;
    DirectConnection& operator=(DirectConnection&&) = delete;

    wire::PostgresConnection* operator->() { return &connection_; }
    wire::PostgresConnection& operator*() { return connection_; }

private:
    wire::PostgresConnection connection_;
    std::shared_ptr<DirectCount> count_;
};

/// One thread.
class DirectConnections {
public:
    /// Connects at once, by no pool's rules.
    Task<wire::PostgresResult<DirectConnection>> open(std::string site, std::string conninfo, Instant deadline);
    [[nodiscard]] const std::map<std::string, std::shared_ptr<DirectCount>>& by_site() const { return counts_; }

private:
    std::map<std::string, std::shared_ptr<DirectCount>> counts_; // shared with connections, which may outlive this
};

} // namespace squall::target
