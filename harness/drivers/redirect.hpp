// Where a redirect leads and how the request changes on the way.
#pragma once

#include "base/result.hpp"
#include "wire/url.hpp"

#include <string>
#include <string_view>

namespace squall::drivers {

/// 301, 302, 303, 307 and 308.
[[nodiscard]] bool is_redirect(int status);

/// `location` resolved against `from` (RFC 9110 section 10.2.2).
[[nodiscard]] Result<wire::Url> redirect_target(const wire::Url& from, std::string_view location);

/// True when the next request becomes a GET without a body, as browsers do it (Fetch standard, HTTP-redirect fetch):
/// 303 for all but GET and HEAD, 301 and 302 for POST.
[[nodiscard]] bool becomes_get(int status, std::string_view method);

[[nodiscard]] bool same_origin(const wire::Url& left, const wire::Url& right);

} // namespace squall::drivers
