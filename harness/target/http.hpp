// Requests and answers as handlers see them.
#pragma once

#include "base/time.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace squall::target {

namespace http = boost::beast::http;

using Request = http::request<http::string_body>;

struct Response {
    http::status status = http::status::ok;
    std::string content_type = "application/json";
    std::string body;
    std::string allow;               // for method_not_allowed
    std::shared_ptr<void> held = {}; // until the answer has been written; usually nothing
    std::string session = {};        // Mcp-Session-Id; empty: none
    std::optional<Duration> retry_after = {};
};

[[nodiscard]] inline Response json_response(http::status status, const boost::json::object& body)
{
    return {.status = status,
            .content_type = "application/json",
            .body = boost::json::serialize(body),
            .allow = {},
            .held = {},
            .session = {},
            .retry_after = {}};
}

/// {"error": "<name>"}
[[nodiscard]] inline Response error_response(http::status status, std::string_view name)
{
    boost::json::object body;
    body["error"] = name;
    return json_response(status, body);
}

} // namespace squall::target
