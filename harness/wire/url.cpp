#include "wire/url.hpp"

#include "base/text.hpp"

#include <boost/url.hpp>

#include <charconv>

namespace squall::wire {
namespace {

std::uint16_t default_port(std::string_view scheme)
{
    return scheme == "https" || scheme == "wss" ? 443 : 80;
}

bool is_supported(std::string_view scheme)
{
    return scheme == "http" || scheme == "https" || scheme == "ws" || scheme == "wss";
}

std::string lower(std::string_view text)
{
    std::string result(text);
    for (char& letter : result) {
        letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return result;
}

std::string_view as_view(boost::urls::string_view text)
{
    return {text.data(), text.size()};
}

} // namespace

std::string Url::authority() const
{
    const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == default_port(scheme) ? name : fmt::format("{}:{}", name, port);
}

Result<Url> parse_url(std::string_view text)
{
    const auto shown = redact(text);
    const auto parsed = boost::urls::parse_uri(boost::urls::string_view(text.data(), text.size()));
    if (!parsed) {
        return fail("\"{}\" is not a URL; write for example http://127.0.0.1:8080/path", shown);
    }
    Url url;
    url.scheme = lower(as_view(parsed->scheme()));
    if (!is_supported(url.scheme)) {
        return fail("\"{}\" has the scheme \"{}\"; expected http, https, ws or wss", shown, url.scheme);
    }
    url.host = parsed->host_address();
    if (url.host.empty()) {
        return fail("\"{}\" names no host; write for example {}://127.0.0.1:8080/", shown, url.scheme);
    }
    // Boost.URL 1.81 reads "http://h:x/" as an empty port and a path "x/".
    if (!parsed->encoded_path().empty() && parsed->encoded_path().front() != '/') {
        return fail("\"{}\" has a port that is not a number; expected 1 to 65535", shown);
    }
    if (parsed->has_userinfo()) {
        return fail("\"{}\" carries a user or password; send them in an authorization header instead", shown);
    }
    url.port = default_port(url.scheme);
    if (parsed->has_port() && !parsed->port().empty()) {
        const auto digits = as_view(parsed->port());
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
        if (error != std::errc{} || url.port == 0) {
            return fail("\"{}\" has the port {}; expected 1 to 65535", shown, as_view(parsed->port()));
        }
    }
    url.target = std::string(as_view(parsed->encoded_target()));
    if (url.target.empty() || url.target.front() != '/') {
        url.target.insert(url.target.begin(), '/');
    }
    return url;
}

} // namespace squall::wire
