// Where the server programs are, and what to install when one is missing.
#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::stack {

/// Where programs are looked for, in this order.
struct ProgramSearch {
    std::vector<std::string> path;                                      // the folders of $PATH
    std::vector<std::string> system = {"/usr/sbin", "/usr/local/sbin"}; // seldom in a user's $PATH
    std::string postgres_root = "/usr/lib/postgresql";                  // Debian's: <root>/<major version>/bin

    /// With the folders of this process's $PATH.
    [[nodiscard]] static ProgramSearch of_environment();
};

/// PostgreSQL 15 is the oldest release that the harness knows.
constexpr int oldest_postgres = 15;

struct PostgresPrograms {
    std::string initdb;
    std::string postgres;
};

/// The first executable file of that name.
[[nodiscard]] std::optional<std::string> find_program(std::string_view name, const std::vector<std::string>& folders);

/// initdb with its postgres beside it: from $PATH, else the newest release under postgres_root.
[[nodiscard]] Result<PostgresPrograms> find_postgres(const ProgramSearch& search);
[[nodiscard]] Result<std::string> find_pgbouncer(const ProgramSearch& search);
[[nodiscard]] Result<std::string> find_redis(const ProgramSearch& search);

} // namespace squall::stack
