#include "target/router.hpp"

#include "target/handlers/handlers.hpp"
#include "target/service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <string>

namespace squall::target {
namespace {

constexpr std::array table{
    Route{http::verb::post, "/login", &handle_login, true},
    Route{http::verb::get, "/meals", &handle_meals, true},
    Route{http::verb::get, "/cached/{key}", &handle_cached, true},
    Route{http::verb::get, "/export", &handle_export, true},
    Route{http::verb::get, "/nested", &handle_nested, true},
    Route{http::verb::get, "/report", &handle_report, true},
    Route{http::verb::post, "/mcp", &handle_mcp, true},
    Route{http::verb::delete_, "/mcp", &handle_mcp_end, true},
    Route{http::verb::get, "/health/live", &handle_health_live},
    Route{http::verb::get, "/health/ready", &handle_health_ready},
    Route{http::verb::get, "/health/database", &handle_health_database},
    Route{http::verb::get, "/health/memory", &handle_health_memory},
    Route{http::verb::get, "/debug/pool-status", &handle_pool_status},
    Route{http::verb::get, "/metrics", &handle_metrics},
};

/// A route's last part may be a name in braces: any text but the empty one, without "/".
bool matches(std::string_view route, std::string_view path)
{
    const auto brace = route.find('{');
    if (brace == std::string_view::npos) {
        return route == path;
    }
    return path.size() > brace && path.starts_with(route.substr(0, brace)) &&
           path.find('/', brace) == std::string_view::npos;
}

Response wrong_verb(std::string_view path)
{
    auto response = error_response(http::status::method_not_allowed, "method_not_allowed");
    for (const auto& route : table) {
        if (matches(route.path, path)) {
            response.allow += (response.allow.empty() ? "" : ", ") + std::string(http::to_string(route.verb));
        }
    }
    return response;
}

} // namespace

std::span<const Route> routes()
{
    return table;
}

std::string_view path_of(std::string_view target)
{
    return target.substr(0, target.find('?'));
}

std::string_view route_name(const Request& request)
{
    const auto path = path_of(request.target());
    const auto found = std::ranges::find_if(table, [path](const Route& each) { return matches(each.path, path); });
    return found == table.end() ? "unmatched" : found->path;
}

Task<Response> dispatch(Service& service, const Request& request)
{
    const auto path = path_of(request.target());
    const auto same_path = std::ranges::find_if(table, [path](const Route& each) { return matches(each.path, path); });
    if (same_path == table.end()) {
        co_return error_response(http::status::not_found, "not_found");
    }
    const auto route = std::ranges::find_if(
        table, [&](const Route& each) { return matches(each.path, path) && each.verb == request.method(); });
    if (route == table.end()) {
        co_return wrong_verb(path);
    }
    Gate::Pass pass;
    if (route->guarded) {
        auto admitted = co_await service.gate.admit();
        if (!admitted) {
            co_return admitted.error();
        }
        pass = std::move(*admitted);
    }
    try {
        auto response = co_await route->handler(service, request);
        pass.finish(response.status);
        co_return response;
    } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted) {
            throw;
        }
        fmt::print(stderr, "squall-target: {} failed: {}\n", path, error.what());
    } catch (const std::exception& error) {
        fmt::print(stderr, "squall-target: {} failed: {}\n", path, error.what());
    }
    pass.finish(http::status::internal_server_error);
    co_return error_response(http::status::internal_server_error, "internal");
}

} // namespace squall::target
