#include "target/database.hpp"
#include "target/handlers/handlers.hpp"
#include "target/service.hpp"

#include <boost/json/array.hpp>

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace squall::target {
namespace {

std::optional<std::int64_t> user_of(const Service& service, const Request& request)
{
    const auto token = bearer_token(request[http::field::authorization]);
    return token ? service.tokens.verify(*token) : std::nullopt;
}

std::int64_t number(const std::optional<std::string>& text)
{
    std::int64_t value = 0;
    if (text) {
        std::from_chars(text->data(), text->data() + text->size(), value);
    }
    return value;
}

boost::json::array to_json(const wire::PostgresRows& rows)
{
    boost::json::array meals;
    for (const auto& row : rows.rows) {
        boost::json::object meal;
        meal["day"] = number(row[0]);
        meal["name"] = row[1].value_or("");
        meal["calories"] = number(row[2]);
        meals.push_back(std::move(meal));
    }
    return meals;
}

} // namespace

Task<Response> handle_meals(Service& service, const Request& request)
{
    const auto user_id = user_of(service, request);
    if (!user_id) {
        co_return error_response(http::status::unauthorized, "unknown_token");
    }
    auto connection = co_await service.database.lease(Tier::read);
    if (!connection) {
        co_return connection.error();
    }
    std::vector<std::string> parameters(1, std::to_string(*user_id));
    const auto deadline = std::chrono::steady_clock::now() + query_timeout;
    const auto rows =
        co_await connection->query("SELECT day, name, calories FROM meals WHERE user_id = $1 ORDER BY day LIMIT 50",
                                   std::move(parameters), deadline);
    connection->give_back(); // the answer is written without holding it
    if (!rows) {
        co_return database_refusal(rows.error());
    }
    boost::json::object body;
    body["meals"] = to_json(*rows);
    co_return json_response(http::status::ok, body);
}

} // namespace squall::target
