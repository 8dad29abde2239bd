#include "target/database.hpp"
#include "target/handlers/handlers.hpp"
#include "target/service.hpp"

#include <charconv>
#include <memory>
#include <utility>

namespace squall::target {
namespace {

constexpr int most_kilobytes = 64 * 1024;

/// Of "/export?kilobytes=512"; 0 for anything else.
int kilobytes_of(std::string_view target)
{
    constexpr std::string_view name = "?kilobytes=";
    const auto at = target.find(name);
    int kilobytes = 0;
    if (at != std::string_view::npos) {
        const auto digits = target.substr(at + name.size());
        std::from_chars(digits.data(), digits.data() + digits.size(), kilobytes);
    }
    return kilobytes <= most_kilobytes ? kilobytes : 0;
}

} // namespace

Task<Response> handle_export(Service& service, const Request& request)
{
    const auto kilobytes = kilobytes_of(request.target());
    if (kilobytes <= 0) {
        co_return error_response(http::status::bad_request, "kilobytes_expected");
    }
    auto connection = co_await service.database.lease(Tier::analytics);
    if (!connection) {
        co_return connection.error();
    }
    std::vector<std::string> parameters(1, std::to_string(kilobytes));
    const auto deadline = std::chrono::steady_clock::now() + query_timeout;
    auto rows = co_await connection->query("SELECT repeat('.', 1024 * $1::int)", std::move(parameters), deadline);
    if (!rows) {
        connection->give_back();
        co_return database_refusal(rows.error());
    }
    Response response{http::status::ok, "text/plain", std::move(rows->rows.at(0).at(0).value()), {}, {}};
    if (service.holds_while_writing) {
        using Held = std::decay_t<decltype(*connection)>;
        response.held = std::make_shared<Held>(std::move(*connection));
    } else {
        connection->give_back(); // the answer is written without holding it
    }
    co_return response;
}

} // namespace squall::target
