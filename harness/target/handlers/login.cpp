#include "target/database.hpp"
#include "target/handlers/handlers.hpp"
#include "target/service.hpp"

#include <boost/json/parse.hpp>
#include <openssl/crypto.h>

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace squall::target {
namespace {

struct Credentials {
    std::string user;
    std::string password;
};

std::optional<Credentials> read_credentials(std::string_view body)
{
    error_code failed;
    const auto value = boost::json::parse(body, failed);
    if (failed || !value.is_object()) {
        return std::nullopt;
    }
    const auto* user = value.as_object().if_contains("user");
    const auto* password = value.as_object().if_contains("password");
    if (user == nullptr || password == nullptr || !user->is_string() || !password->is_string()) {
        return std::nullopt;
    }
    return Credentials{std::string(user->as_string()), std::string(password->as_string())};
}

/// The user's id where the password is theirs.
std::optional<std::int64_t> authenticate(const wire::PostgresRows& rows, std::string_view password)
{
    if (rows.rows.empty() || !rows.rows[0][0] || !rows.rows[0][1]) {
        return std::nullopt;
    }
    const auto& id = *rows.rows[0][0];
    const auto& stored = *rows.rows[0][1];
    if (stored.size() != password.size() || CRYPTO_memcmp(stored.data(), password.data(), stored.size()) != 0) {
        return std::nullopt;
    }
    std::int64_t user_id = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), user_id);
    return error == std::errc() ? std::optional(user_id) : std::nullopt;
}

} // namespace

Task<Response> handle_login(Service& service, const Request& request)
{
    const auto credentials = read_credentials(request.body());
    if (!credentials) {
        co_return error_response(http::status::bad_request, "bad_request");
    }
    auto connection = co_await service.login.obtain(service);
    if (!connection) {
        co_return connection.error();
    }
    std::vector<std::string> parameters(1, credentials->user);
    const auto deadline = std::chrono::steady_clock::now() + query_timeout;
    const auto rows = co_await query_on(*connection, "SELECT id, password FROM users WHERE name = $1",
                                        std::move(parameters), deadline);
    const auto user_id = rows ? authenticate(*rows, credentials->password) : std::nullopt;
    service.login.finish(std::move(*connection), user_id.has_value());
    if (!rows) {
        co_return database_refusal(rows.error());
    }
    if (!user_id) {
        co_return error_response(http::status::unauthorized, "wrong_user_or_password");
    }
    boost::json::object body;
    body["token"] = service.tokens.sign(*user_id);
    co_return json_response(http::status::ok, body);
}

} // namespace squall::target
