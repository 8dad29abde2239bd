// What squall-target is told on its command line.
#pragma once

#include "base/time.hpp"
#include "scenario/target_settings.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace squall::target {

struct Options {
    std::string host = "127.0.0.1"; // an IP literal
    std::uint16_t port = 0;
    std::string database;        // libpq URL or keyword string
    std::string bypass_database; // for connections outside the pool; empty: as database
    std::string redis;           // empty: none
    std::string notes;           // SQLite file of MCP; empty: none
    bool stdio = false;          // MCP over stdin and stdout, and nothing else
    scenario::TargetSettings kit;
    std::optional<std::size_t> max_connections;            // clients at a time; more wait to be accepted
    Duration request_timeout = std::chrono::seconds(10);   // from a request's first byte to its last; the same to write
    std::vector<std::string> defects;                      // names of the registry
    Duration database_patience = std::chrono::seconds(10); // at start, for a database that does not answer yet
};

} // namespace squall::target
