#include "target/database.hpp"
#include "target/handlers/handlers.hpp"
#include "target/service.hpp"

#include <charconv>
#include <utility>
#include <vector>

namespace squall::target {
namespace {

constexpr int most_milliseconds = 60'000;

/// Of "/report?milliseconds=20"; -1 for anything else.
int milliseconds_of(std::string_view target)
{
    constexpr std::string_view name = "?milliseconds=";
    const auto at = target.find(name);
    int milliseconds = -1;
    if (at != std::string_view::npos) {
        const auto digits = target.substr(at + name.size());
        std::from_chars(digits.data(), digits.data() + digits.size(), milliseconds);
    }
    return milliseconds <= most_milliseconds ? milliseconds : -1;
}

} // namespace

Task<Response> handle_report(Service& service, const Request& request)
{
    const auto milliseconds = milliseconds_of(request.target());
    if (milliseconds < 0) {
        co_return error_response(http::status::bad_request, "milliseconds_expected");
    }
    auto connection = co_await service.database.lease(Tier::analytics);
    if (!connection) {
        co_return connection.error();
    }
    std::vector<std::string> parameters(1, std::to_string(milliseconds));
    const auto deadline = std::chrono::steady_clock::now() + query_timeout + std::chrono::milliseconds(milliseconds);
    const auto rows = co_await connection->query("SELECT pg_sleep($1::float8 / 1000)", std::move(parameters), deadline);
    connection->give_back();
    if (!rows) {
        co_return database_refusal(rows.error());
    }
    boost::json::object body;
    body["milliseconds"] = milliseconds;
    co_return json_response(http::status::ok, body);
}

} // namespace squall::target
