// The claim: one call starts the real servers, and after stop() nothing of them is left but their logs.
#include "support.hpp"

#include "catch.hpp"
#include "wire/postgres_connection.hpp"
#include "wire/redis_connection.hpp"

#include <fstream>

using namespace squall;
using namespace squall::stack;
using namespace squall::stack::test;

namespace {

Task<Result<std::string>> first_value(std::string url, std::string sql)
{
    wire::PostgresConnection connection(co_await asio::this_coro::executor);
    const Instant deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    const auto connected = co_await connection.connect(std::move(url), deadline);
    if (!connected) {
        co_return fail("{}", connected.error().message);
    }
    const auto answer = co_await connection.query(std::move(sql), {}, deadline);
    if (!answer) {
        co_return fail("{}", answer.error().message);
    }
    co_return answer->rows.at(0).at(0).value_or("NULL");
}

std::string ask_postgres(asio::io_context& context, const std::string& url, const std::string& sql)
{
    const auto value = run(context, first_value(url, sql));
    return value ? *value : value.error().message;
}

} // namespace

TEST_CASE("a server is ready, however long another one takes before it is asked")
{
    const TemporaryFolder folder;
    std::ofstream(folder.path() + "/slow.sql") << "select pg_sleep(1);";
    scenario::StackSpec spec;
    spec.postgres.emplace();
    spec.postgres->init = {"slow.sql"};
    spec.redis.emplace();
    spec.redis->ready_timeout = std::chrono::milliseconds(500);
    asio::io_context context(1);
    auto stack = run(context, start_stack(spec, options_in(folder)));
    INFO((stack ? "" : stack.error().message));
    REQUIRE(stack.has_value());
    CHECK(run(context, stack->stop()).has_value());
}

TEST_CASE("PostgreSQL, PgBouncer and Redis start, work, and leave nothing but logs")
{
    const TemporaryFolder folder;
    std::ofstream(folder.path() + "/schema.sql") << "create table meal (name text); insert into meal values ('soup');\n"
                                                    "create role planner login; grant select on meal to planner;";
    scenario::StackSpec spec = three_servers();
    spec.postgres->init = {"schema.sql"};
    spec.postgres->max_connections = 37;
    spec.postgres->settings["work_mem"] = "5MB";
    spec.pgbouncer->settings["query_timeout"] = "77";
    asio::io_context context(1);
    auto stack = run(context, start_stack(spec, options_in(folder)));
    INFO((stack ? "" : stack.error().message));
    REQUIRE(stack.has_value());
    const auto variables = stack->variables();

    CHECK(ask_postgres(context, variables.at("postgres"), "show max_connections") == "37");
    CHECK(ask_postgres(context, variables.at("postgres"), "show work_mem") == "5MB");
    CHECK(ask_postgres(context, variables.at("postgres"), "select current_user") == "squall");
    CHECK(ask_postgres(context, variables.at("pgbouncer"), "select name from meal") == "soup");
    CHECK(ask_postgres(context, variables.at("postgres"),
                       "select count(*) from pg_stat_activity "
                       "where client_addr <> '127.0.0.1'") == "0");

    SECTION("a role that an init file made may come through PgBouncer, as itself")
    {
        std::string url = variables.at("pgbouncer");
        url.replace(url.find("squall@"), std::string("squall").size(), "planner");
        CHECK(ask_postgres(context, url, "select current_user") == "planner");
    }
    SECTION("PgBouncer's console answers")
    {
        std::string url = variables.at("pgbouncer");
        url.replace(url.rfind("squall"), std::string("squall").size(), "pgbouncer");
        CHECK(ask_postgres(context, url, "show pools") != "");
    }

    const std::vector<ServiceInfo> services = stack->services();
    CHECK(services.size() == 3);
    const auto stopped = run(context, stack->stop());
    INFO((stopped ? "" : stopped.error().message));
    CHECK(stopped.has_value());
    CHECK(what_is_left(folder.path(), services) == "");
    for (const ServiceInfo& each : services) {
        CHECK(text_of_file(each.log) != "");
    }
    // Each ended by itself when asked (PgBouncer 1.18 with code 1), the one that uses the other first.
    const std::string told = text_of_file(folder.path() + "/logs/keeper.log");
    const auto end_of = [&](std::size_t index) {
        return told.find(fmt::format("{} (pid {}) exited with code", services[index].name, services[index].pid));
    };
    INFO(told);
    REQUIRE(services.at(0).name == "postgres");
    REQUIRE(services.at(2).name == "pgbouncer");
    CHECK(end_of(0) != std::string::npos);
    CHECK(end_of(1) != std::string::npos);
    CHECK(end_of(2) < end_of(0));
    CHECK(told.find("the harness is gone") == std::string::npos);
}
