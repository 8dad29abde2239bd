// The cookies of one virtual user (RFC 6265, as far as a load test needs it).
#pragma once

#include "wire/url.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::drivers {

using WallTime = std::chrono::system_clock::time_point;

/// Domain, Path, Expires, Max-Age and Secure are obeyed; HttpOnly and SameSite mean nothing to a client without
/// scripts. There is no public suffix list: a Domain without a dot is refused unless it is the host itself. Bounded: at
/// most 100 cookies of at most 4096 bytes; the oldest goes first.
class CookieJar {
public:
    /// One Set-Cookie header of an answer from `url`; a cookie that the rules refuse is ignored.
    void store(std::string_view set_cookie, const wire::Url& url, WallTime now);

    /// Appends the Cookie header's value for a request to `url`: longer paths first. False, and nothing appended, when
    /// there is none.
    bool append_header(const wire::Url& url, WallTime now, std::string& out);

    void clear() { cookies_.clear(); }
    [[nodiscard]] std::size_t size() const { return cookies_.size(); }

private:
    struct Cookie {
        std::string name;
        std::string value;
        std::string domain; // lower case
        std::string path;
        bool host_only = true;
        bool secure = false;
        std::optional<WallTime> expires;
    };

    void insert(Cookie cookie);
    [[nodiscard]] static bool goes_to(const Cookie& cookie, const wire::Url& url);

    std::vector<Cookie> cookies_; // by age
};

/// The date forms of RFC 6265 section 5.1.1, such as "Wed, 09 Jun 2027 10:18:14 GMT".
[[nodiscard]] std::optional<WallTime> parse_cookie_date(std::string_view text);

} // namespace squall::drivers
