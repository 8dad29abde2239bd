#include "drivers/request_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace squall::drivers {
namespace {

constexpr std::string_view forbidden{"\r\n\0", 3};

void append_header(std::string_view name, std::string_view value, std::string& out)
{
    out.append(name).append(": ").append(value).append("\r\n");
}

void append_content_length(std::size_t size, std::string& out)
{
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size).ptr;
    append_header("content-length", std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())),
                  out);
}

/// Headers that a redirect must not carry along.
bool is_left_behind(const Hop& hop, std::string_view name)
{
    if (hop.left_origin && (same_name(name, "authorization") || same_name(name, "cookie") || same_name(name, "host"))) {
        return true;
    }
    return hop.dropped_body && (same_name(name, "content-type") || same_name(name, "content-length") ||
                                same_name(name, "content-encoding"));
}

bool expects_body(std::string_view method)
{
    return method == "POST" || method == "PUT" || method == "PATCH";
}

} // namespace

std::optional<std::string_view> unsendable_header(const HttpRequest& request)
{
    for (const auto& [name, value] : request.headers) {
        if (name.find_first_of(forbidden) != std::string_view::npos ||
            value.find_first_of(forbidden) != std::string_view::npos) {
            return name;
        }
    }
    return std::nullopt;
}

bool has_header(const Hop& hop, std::string_view name)
{
    return std::any_of(hop.headers.begin(), hop.headers.end(), [&hop, name](const auto& header) {
        return same_name(header.first, name) && !is_left_behind(hop, header.first);
    });
}

PreparedRequest prepare_request(const HttpRequest& request)
{
    const Hop hop{request.method, request.url, request.headers, request.body};
    PreparedRequest prepared;
    write_request(hop, {}, prepared.bytes);
    const auto body_bytes = request.body ? request.body->size() : 0;
    constexpr std::size_t empty_line = 2;
    prepared.header_end = prepared.bytes.size() - body_bytes - empty_line;
    prepared.has_cookie = has_header(hop, "cookie");
    return prepared;
}

std::string_view with_cookie(const PreparedRequest& prepared, std::string_view cookie, std::string& scratch)
{
    if (cookie.empty()) {
        return prepared.bytes;
    }
    const std::string_view bytes = prepared.bytes;
    scratch.assign(bytes.substr(0, prepared.header_end));
    append_header("cookie", cookie, scratch);
    scratch.append(bytes.substr(prepared.header_end));
    return scratch;
}

void write_request(const Hop& hop, std::string_view cookie, std::string& out)
{
    out.clear();
    out.append(hop.method).append(" ").append(hop.url->target).append(" HTTP/1.1\r\n");
    if (!has_header(hop, "host")) {
        append_header("host", hop.url->authority(), out);
    }
    for (const auto& [name, value] : hop.headers) {
        if (!is_left_behind(hop, name)) {
            append_header(name, value, out);
        }
    }
    if (!has_header(hop, "user-agent")) {
        append_header("user-agent", "squall", out);
    }
    if (!has_header(hop, "accept-encoding")) {
        append_header("accept-encoding", "gzip, deflate", out);
    }
    if (!cookie.empty()) {
        append_header("cookie", cookie, out);
    }
    const bool framed = has_header(hop, "content-length") || has_header(hop, "transfer-encoding");
    if (!framed && (hop.body || expects_body(hop.method))) {
        append_content_length(hop.body ? hop.body->size() : 0, out);
    }
    out.append("\r\n");
    if (hop.body) {
        out.append(*hop.body);
    }
}

bool is_idempotent(std::string_view method)
{
    return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT" || method == "DELETE";
}

} // namespace squall::drivers
