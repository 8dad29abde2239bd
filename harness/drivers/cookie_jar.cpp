#include "drivers/cookie_jar.hpp"

#include "base/text.hpp"
#include "drivers/header_list.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace squall::drivers {
namespace {

constexpr std::size_t most_cookies = 100;
constexpr std::size_t most_bytes = 4096;

std::string lower(std::string_view text)
{
    std::string result(text);
    for (char& letter : result) {
        letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return result;
}

bool is_address(std::string_view host)
{
    boost::system::error_code no;
    boost::asio::ip::make_address(host, no);
    return !no;
}

/// RFC 6265 section 5.1.3.
bool domain_matches(std::string_view host, std::string_view domain)
{
    if (host == domain) {
        return true;
    }
    return host.size() > domain.size() && host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.' &&
           !is_address(host);
}

/// RFC 6265 section 5.1.4.
std::string_view path_of(std::string_view target)
{
    return target.substr(0, target.find('?'));
}

std::string default_path(std::string_view target)
{
    const auto path = path_of(target);
    const auto last = path.rfind('/');
    return last == std::string_view::npos || last == 0 ? "/" : std::string(path.substr(0, last));
}

bool path_matches(std::string_view path, std::string_view cookie_path)
{
    if (!path.starts_with(cookie_path)) {
        return false;
    }
    return path.size() == cookie_path.size() || cookie_path.ends_with('/') || path[cookie_path.size()] == '/';
}

/// A Max-Age beyond what a clock holds is as good as the farthest date.
WallTime after_seconds(WallTime now, std::string_view text)
{
    long long seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    constexpr long long ten_years = 10LL * 365 * 86400;
    if (error == std::errc::result_out_of_range) {
        seconds = text.starts_with('-') ? 0 : ten_years;
    }
    return now + std::chrono::seconds(std::clamp(seconds, -1LL, ten_years));
}

struct Attribute {
    std::string_view name;
    std::string_view value;
};

Attribute take_attribute(std::string_view& text)
{
    const auto part = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) {
        return {trim(part), {}};
    }
    return {trim(part.substr(0, equals)), trim(part.substr(equals + 1))};
}

std::optional<int> as_number(std::string_view text)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

struct DateParts {
    std::optional<int> day, month, year;
    std::optional<std::chrono::seconds> time;
};

std::optional<std::chrono::seconds> as_time(std::string_view token)
{
    const auto parts = split(token, ':');
    if (parts.size() != 3) {
        return std::nullopt;
    }
    const auto hour = as_number(parts[0]);
    const auto minute = as_number(parts[1]);
    const auto second = as_number(parts[2]);
    if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) {
        return std::nullopt;
    }
    return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

std::optional<int> as_month(std::string_view token)
{
    constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
    const auto found = std::find(months.begin(), months.end(), lower(token.substr(0, 3)));
    return found == months.end() ? std::nullopt : std::optional(static_cast<int>(found - months.begin()) + 1);
}

void take_date_token(std::string_view token, DateParts& parts)
{
    if (!parts.time && token.find(':') != std::string_view::npos) {
        parts.time = as_time(token);
    } else if (const auto number = as_number(token)) {
        if (!parts.day && token.size() <= 2) {
            parts.day = number;
        } else if (!parts.year) {
            const int two_digits = *number < 70 ? 2000 : 1900;
            parts.year = token.size() <= 2 ? *number + two_digits : *number;
        }
    } else if (!parts.month) {
        parts.month = as_month(token);
    }
}

} // namespace

std::optional<WallTime> parse_cookie_date(std::string_view text)
{
    constexpr std::string_view separators = " \t,-";
    DateParts parts;
    while (!text.empty()) {
        const auto token = text.substr(0, text.find_first_of(separators));
        if (!token.empty()) {
            take_date_token(token, parts);
        }
        text.remove_prefix(std::min(text.size(), token.size() + 1));
    }
    if (!parts.day || !parts.month || !parts.year || !parts.time || *parts.year < 1601) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(std::min(*parts.year, 2200)),
                                           std::chrono::month(static_cast<unsigned>(*parts.month)),
                                           std::chrono::day(static_cast<unsigned>(*parts.day))};
    if (!date.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date) + *parts.time;
}

void CookieJar::store(std::string_view set_cookie, const wire::Url& url, WallTime now)
{
    if (set_cookie.size() > most_bytes) {
        return;
    }
    const auto pair = set_cookie.substr(0, set_cookie.find(';'));
    const auto [name, value] = take_attribute(set_cookie);
    if (name.empty() || pair.find('=') == std::string_view::npos) {
        return;
    }
    Cookie cookie;
    cookie.name = name;
    cookie.value = value;
    cookie.domain = lower(url.host);
    cookie.path = default_path(url.target);
    bool has_max_age = false;
    while (!set_cookie.empty()) {
        const auto attribute = take_attribute(set_cookie);
        if (same_name(attribute.name, "secure")) {
            cookie.secure = true;
        } else if (same_name(attribute.name, "path") && attribute.value.starts_with('/')) {
            cookie.path = attribute.value;
        } else if (same_name(attribute.name, "max-age") && !attribute.value.empty()) {
            cookie.expires = after_seconds(now, attribute.value);
            has_max_age = true;
        } else if (same_name(attribute.name, "expires") && !has_max_age) {
            cookie.expires = parse_cookie_date(attribute.value);
        } else if (same_name(attribute.name, "domain") && !attribute.value.empty()) {
            cookie.domain = lower(attribute.value.substr(attribute.value.front() == '.' ? 1 : 0));
            cookie.host_only = false;
        }
    }
    const auto host = lower(url.host);
    const bool too_wide = cookie.domain.find('.') == std::string::npos && cookie.domain != host;
    if (too_wide || !domain_matches(host, cookie.domain)) {
        return;
    }
    insert(std::move(cookie));
    std::erase_if(cookies_, [now](const Cookie& old) { return old.expires && *old.expires <= now; });
}

void CookieJar::insert(Cookie cookie)
{
    const auto same = std::find_if(cookies_.begin(), cookies_.end(), [&cookie](const Cookie& old) {
        return old.name == cookie.name && old.domain == cookie.domain && old.path == cookie.path;
    });
    if (same != cookies_.end()) {
        *same = std::move(cookie);
        return;
    }
    if (cookies_.size() == most_cookies) {
        cookies_.erase(cookies_.begin());
    }
    // Longer paths first, older ones first among equals (RFC 6265 section 5.4), so that sending needs no sorting.
    const auto place = std::find_if(cookies_.begin(), cookies_.end(),
                                    [&cookie](const Cookie& old) { return old.path.size() < cookie.path.size(); });
    cookies_.insert(place, std::move(cookie));
}

bool CookieJar::goes_to(const Cookie& cookie, const wire::Url& url)
{
    const auto host = lower(url.host);
    const bool host_fits = cookie.host_only ? host == cookie.domain : domain_matches(host, cookie.domain);
    return host_fits && (!cookie.secure || url.secure()) && path_matches(path_of(url.target), cookie.path);
}

bool CookieJar::append_header(const wire::Url& url, WallTime now, std::string& out)
{
    bool any = false;
    for (const auto& cookie : cookies_) {
        if ((cookie.expires && *cookie.expires <= now) || !goes_to(cookie, url)) {
            continue;
        }
        out.append(any ? "; " : "");
        out.append(cookie.name).append("=").append(cookie.value);
        any = true;
    }
    return any;
}

} // namespace squall::drivers
