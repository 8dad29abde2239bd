#include "target/handlers/handlers.hpp"
#include "target/router.hpp"
#include "target/service.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace squall::target {

Task<Response> handle_cached(Service& service, const Request& request)
{
    if (!service.redis.wanted()) {
        co_return error_response(http::status::service_unavailable, "no_redis");
    }
    const auto path = path_of(request.target());
    std::string key(path.substr(path.rfind('/') + 1));
    auto cached = co_await cached_value(service, std::move(key));
    if (!cached) {
        fmt::print(stderr, "squall-target: {}\n", cached.error().message);
        co_return error_response(http::status::service_unavailable, "redis");
    }
    boost::json::object body;
    body["value"] = cached->value;
    body["hit"] = cached->hit;
    co_return json_response(http::status::ok, body);
}

} // namespace squall::target
