#include "target/login_connection.hpp"

#include "target/database.hpp"
#include "target/service.hpp"

#include <utility>

namespace squall::target {
namespace {

Task<ObtainedLogin> obtain_from_pool(Service& service)
{
    auto leased = co_await service.database.lease(Tier::auth);
    if (!leased) {
        co_return leased.error();
    }
    co_return LoginConnection(std::move(*leased));
}

void give_back(LoginConnection connection, bool /*authenticated*/)
{
    // Going out of scope gives it back.
    const auto returned = std::move(connection);
}

} // namespace

Task<wire::PostgresResult<wire::PostgresRows>> query_on(LoginConnection& connection, std::string sql,
                                                        std::vector<std::string> parameters, Instant deadline)
{
    auto* lease = std::get_if<DatabaseLease>(&connection);
    if (lease != nullptr) {
        auto rows = co_await lease->query(std::move(sql), std::move(parameters), deadline);
        co_return rows;
    }
    auto& direct = *std::get<DirectConnection>(connection);
    auto rows = co_await direct.query(std::move(sql), std::move(parameters), deadline);
    co_return rows;
}

LoginSeam LoginSeam::healthy()
{
    return {.obtain = &obtain_from_pool, .finish = &give_back};
}

} // namespace squall::target
