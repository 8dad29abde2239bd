// Whom a run may talk to: loopback, and what allow_hosts names (DESIGN.md 9).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::plan {

/// The host of "scheme://user@host:port/…" or of a libpq keyword string "host=… dbname=…", without brackets, lower
/// case. Nothing when the text names none, or may end before the host is over (`complete` false: more text may follow).
[[nodiscard]] std::optional<std::string> host_of(std::string_view url_start, bool complete);

/// Loopback, or one of `allow_hosts` (without regard to case; "*.example.com" covers every host below example.com).
[[nodiscard]] bool is_allowed_host(std::string_view host, const std::vector<std::string>& allow_hosts);

} // namespace squall::plan
