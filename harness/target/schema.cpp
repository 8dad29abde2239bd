#include "target/schema.hpp"

#include "target/database.hpp"
#include "wire/deadline.hpp"
#include "wire/postgres_connection.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace squall::target {
namespace {

// One message, hence one transaction; the lock keeps two starting targets apart.
constexpr std::string_view schema = R"sql(
SELECT pg_advisory_xact_lock(7165747261);
SET LOCAL client_min_messages = warning;
CREATE TABLE IF NOT EXISTS users (
    id bigint PRIMARY KEY,
    name text NOT NULL UNIQUE,
    password text NOT NULL
);
CREATE TABLE IF NOT EXISTS meals (
    user_id bigint NOT NULL REFERENCES users (id),
    day int NOT NULL,
    name text NOT NULL,
    calories int NOT NULL,
    PRIMARY KEY (user_id, day)
);
INSERT INTO users (id, name, password)
    SELECT number, 'user' || number, 'correct horse' FROM generate_series(0, 999) AS number
    WHERE NOT EXISTS (SELECT FROM users)
    ON CONFLICT DO NOTHING;
INSERT INTO meals (user_id, day, name, calories)
    SELECT id, day, 'meal ' || (id * 7 + day) % 50, 400 + (id * 31 + day * 17) % 500
    FROM users, generate_series(1, 7) AS day
    WHERE NOT EXISTS (SELECT FROM meals)
    ON CONFLICT DO NOTHING;
)sql";

constexpr Duration pause = std::chrono::milliseconds(100);
constexpr Duration try_timeout = std::chrono::seconds(5);

bool may_come_back(const wire::PostgresError& error)
{
    // 57P03: the server is starting up. PgBouncer's own failures to reach it carry 08 classes.
    return error.kind == wire::PostgresError::Kind::refused || error.kind == wire::PostgresError::Kind::timeout ||
           error.kind == wire::PostgresError::Kind::broken || error.sqlstate.starts_with("57") ||
           error.sqlstate.starts_with("53") || error.sqlstate.starts_with("08");
}

Task<wire::PostgresResult<void>> try_once(std::string conninfo, Instant deadline)
{
    wire::PostgresConnection connection(co_await asio::this_coro::executor);
    const auto connected = co_await connection.connect(std::move(conninfo), deadline);
    if (!connected) {
        co_return connected.error();
    }
    std::vector<std::string> no_parameters;
    const auto made = co_await connection.query(std::string(schema), std::move(no_parameters), deadline);
    if (!made) {
        co_return made.error();
    }
    co_return wire::PostgresResult<void>();
}

} // namespace

Task<Result<void>> prepare_schema(std::string conninfo, Instant deadline)
{
    const auto named = with_application_name(conninfo, "meal-planner-setup");
    for (;;) {
        const auto started = std::chrono::steady_clock::now();
        const auto made = co_await try_once(named, std::min(deadline, started + try_timeout));
        if (made) {
            co_return Result<void>();
        }
        const auto next = std::chrono::steady_clock::now() + pause;
        if (!may_come_back(made.error()) || next >= deadline) {
            co_return fail("the database cannot be used: {}; check --database, and that the server is up",
                           one_line(made.error().message));
        }
        co_await wire::sleep_until(next);
    }
}

} // namespace squall::target
