// Content codings gzip and deflate (RFC 9110 section 8.4.1), with a limit against bombs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace squall::drivers {

enum class InflateOutcome { done, corrupt, too_large };

/// Appends the decoded text to `out`. zlib and gzip headers are told apart; a deflate body without any header, as some
/// servers send it, is accepted too. Several gzip members in a row are one text.
[[nodiscard]] InflateOutcome inflate_body(std::string_view encoded, std::uint64_t limit, std::string& out);

/// True for a Content-Encoding that inflate_body() understands.
[[nodiscard]] bool is_inflatable(std::string_view content_encoding);

} // namespace squall::drivers
