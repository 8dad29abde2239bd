#include "target/database.hpp"
#include "target/handlers/handlers.hpp"
#include "target/router.hpp"
#include "target/service.hpp"

#include <utility>
#include <vector>

namespace squall::target {
namespace {

constexpr int most_milliseconds = 60'000;

} // namespace

Task<Response> handle_report(Service& service, const Request& request)
{
    const auto milliseconds = number_of(request.target(), "milliseconds", most_milliseconds);
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
