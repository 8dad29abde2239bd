// Which handler answers which request.
#pragma once

#include "target/http.hpp"
#include "wire/task.hpp"

#include <span>
#include <string_view>

namespace squall::target {

struct Service;

/// `request` and `service` outlive the coroutine.
using Handler = Task<Response> (*)(Service& service, const Request& request);

struct Route {
    http::verb verb;
    std::string_view path;
    Handler handler;
    bool guarded = false; // by the gate: what works for users, not what tells how the service is
};

/// Every route of the target.
[[nodiscard]] std::span<const Route> routes();

/// The path without the query.
[[nodiscard]] std::string_view path_of(std::string_view target);

/// The route's path for counting; "unmatched" for others, so that clients cannot make up names.
[[nodiscard]] std::string_view route_name(const Request& request);

/// 404 for an unknown path, 405 with Allow for a known one with another verb. A handler that throws is answered with
/// 500; cancellation passes through.
Task<Response> dispatch(Service& service, const Request& request);

} // namespace squall::target
