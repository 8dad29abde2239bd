// Writes an HTTP/1.1 request into memory that is used again.
#pragma once

#include "drivers/http_client.hpp"

#include <string>
#include <string_view>

namespace squall::drivers {

/// One request on its way: what HttpRequest asked for, as redirects have changed it.
struct Hop {
    std::string_view method;
    const wire::Url* url = nullptr;
    std::span<const std::pair<std::string_view, std::string_view>> headers;
    std::optional<std::string_view> body;
    const PreparedRequest* prepared = nullptr; // the same, written once; not after a redirect
    bool left_origin = false;                  // by a redirect: credentials of the first host are not for this one
    bool dropped_body = false;
};

/// The first header that cannot be sent because a line break or NUL in it would end or split the request.
[[nodiscard]] std::optional<std::string_view> unsendable_header(const HttpRequest& request);

/// True when the caller has given a header of that name.
[[nodiscard]] bool has_header(const Hop& hop, std::string_view name);

/// Replaces `out` by the request's bytes. `cookie`: the Cookie header's value, or empty.
void write_request(const Hop& hop, std::string_view cookie, std::string& out);

/// Writes a request once that is sent many times; it must be sendable.
[[nodiscard]] PreparedRequest prepare_request(const HttpRequest& request);

/// The bytes of a prepared request; with a cookie they are put together in `scratch`.
[[nodiscard]] std::string_view with_cookie(const PreparedRequest& prepared, std::string_view cookie,
                                           std::string& scratch);

/// GET, HEAD, OPTIONS, PUT and DELETE may be sent again when nobody knows whether they arrived.
[[nodiscard]] bool is_idempotent(std::string_view method);

} // namespace squall::drivers
