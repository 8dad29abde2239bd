#include "target/database.hpp"
#include "target/handlers/handlers.hpp"
#include "target/service.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

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

struct Meal {
    std::int64_t day = 0;
    std::string name;
    std::int64_t calories = 0;
};

std::optional<Meal> read_meal(std::string_view body)
{
    constexpr std::int64_t last_day = 366;
    constexpr std::int64_t most_calories = 100'000;
    error_code failed;
    const auto value = boost::json::parse({body.data(), body.size()}, failed);
    const auto* object = failed ? nullptr : value.if_object();
    const auto* day = object != nullptr ? object->if_contains("day") : nullptr;
    const auto* name = object != nullptr ? object->if_contains("name") : nullptr;
    const auto* calories = object != nullptr ? object->if_contains("calories") : nullptr;
    if (day == nullptr || name == nullptr || calories == nullptr || !day->is_int64() || !name->is_string() ||
        !calories->is_int64()) {
        return std::nullopt;
    }
    Meal meal{day->get_int64(), std::string(name->get_string()), calories->get_int64()};
    const bool possible = meal.day >= 1 && meal.day <= last_day && meal.calories >= 0 && meal.calories <= most_calories;
    return possible ? std::optional(std::move(meal)) : std::nullopt;
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

Task<Response> handle_meals_add(Service& service, const Request& request)
{
    const auto user_id = user_of(service, request);
    if (!user_id) {
        co_return error_response(http::status::unauthorized, "unknown_token");
    }
    const auto meal = read_meal(request.body());
    if (!meal) {
        co_return error_response(http::status::bad_request, "bad_request");
    }
    auto connection = co_await service.database.lease(Tier::write);
    if (!connection) {
        co_return connection.error();
    }
    std::vector<std::string> parameters{std::to_string(*user_id), std::to_string(meal->day), meal->name,
                                        std::to_string(meal->calories)};
    const auto deadline = std::chrono::steady_clock::now() + query_timeout;
    const auto written = co_await connection->query(
        "INSERT INTO meals (user_id, day, name, calories) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (user_id, day) DO UPDATE SET name = excluded.name, calories = excluded.calories",
        std::move(parameters), deadline);
    connection->give_back();
    if (!written) {
        co_return database_refusal(written.error());
    }
    co_return json_response(http::status::ok, {});
}

} // namespace squall::target
