#include "plan/hosts.hpp"

#include "base/text.hpp"
#include "plan/plan.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace squall::plan {
namespace {

std::string lower(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return result;
}

/// "[::1]:80" and "host:80" without the port.
std::string_view without_port(std::string_view authority)
{
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        return authority.substr(1, close == std::string_view::npos ? close : close - 1);
    }
    return authority.substr(0, authority.find(':'));
}

/// The value of host or hostaddr in a libpq keyword string, "host=db dbname=x".
std::optional<std::string> host_keyword(std::string_view conninfo)
{
    for (const auto& word : split(conninfo, ' ')) {
        for (const std::string_view key : {"hostaddr=", "host="}) {
            if (word.starts_with(key)) {
                return lower(std::string_view(word).substr(key.size()));
            }
        }
    }
    return std::nullopt;
}

bool matches(std::string_view host, std::string_view allowed)
{
    if (allowed.starts_with("*.")) {
        const auto suffix = allowed.substr(1);
        return host.size() > suffix.size() && host.ends_with(suffix);
    }
    return host == allowed;
}

} // namespace

bool is_loopback(std::string_view host)
{
    const auto name = lower(host);
    if (name == "localhost") {
        return true;
    }
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    if (inet_pton(AF_INET, name.c_str(), bytes.data()) == 1) {
        return bytes[0] == 127;
    }
    if (inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1) {
        return std::all_of(bytes.begin(), bytes.end() - 1, [](auto byte) { return byte == 0; }) && bytes.back() == 1;
    }
    return false;
}

std::optional<std::string> host_of(std::string_view url_start, bool complete)
{
    const auto scheme_end = url_start.find("://");
    if (scheme_end == std::string_view::npos) {
        return complete ? host_keyword(url_start) : std::nullopt;
    }
    auto authority = url_start.substr(scheme_end + 3);
    const auto end = authority.find_first_of("/?#");
    if (end == std::string_view::npos && !complete) {
        return std::nullopt;
    }
    authority = authority.substr(0, end);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        authority.remove_prefix(at + 1);
    }
    return lower(without_port(authority));
}

bool is_allowed_host(std::string_view host, const std::vector<std::string>& allow_hosts)
{
    const auto name = lower(host);
    return is_loopback(name) || std::any_of(allow_hosts.begin(), allow_hosts.end(),
                                            [&name](const auto& allowed) { return matches(name, lower(allowed)); });
}

} // namespace squall::plan
