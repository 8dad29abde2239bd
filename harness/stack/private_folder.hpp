// Whom the servers run as, and where their data lies.
#pragma once

#include "stack/protocol.hpp"

#include <sys/stat.h>

#include <optional>
#include <string>

namespace squall::stack {

/// PostgreSQL and PgBouncer refuse root: for root the user postgres, else nobody; nothing when this process is not
/// root. An error when neither exists.
[[nodiscard]] Result<std::optional<UserIds>> unprivileged_user();

/// The execute bit that counts for the user on a folder of that owner, group and mode (access lists are not looked at).
[[nodiscard]] bool may_enter(const struct stat& folder, const UserIds& user);

struct PrivateFolder {
    std::string path;
    std::string reason; // empty, or why it is not in the run folder
};

/// Makes an empty folder for the data, owned by `user` and closed to others: <run_folder>/stack, or, where the user
/// cannot reach that, one of its own under `temporary`.
[[nodiscard]] Result<PrivateFolder> make_private_folder(const std::string& run_folder, const std::string& temporary,
                                                        const std::optional<UserIds>& user);

/// Writes a file that only `user` can read.
[[nodiscard]] Result<void> write_private_file(const std::string& path, std::string_view text,
                                              const std::optional<UserIds>& user);

} // namespace squall::stack
