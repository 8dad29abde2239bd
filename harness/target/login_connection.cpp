#include "target/login_connection.hpp"

#include "target/database.hpp"
#include "target/service.hpp"

#include <utility>

namespace squall::target {
namespace {

Task<ObtainedLogin> obtain_from_pool(Service& service)
{
    auto acquired = co_await service.pool.acquire();
    if (!acquired) {
        co_return pool_refusal(acquired.error());
    }
    co_return LoginConnection(std::move(*acquired));
}

void give_back(LoginConnection connection, bool /*authenticated*/)
{
    // Going out of scope gives it back.
    const auto returned = std::move(connection);
}

} // namespace

wire::PostgresConnection& connection_of(LoginConnection& connection)
{
    return std::visit([](auto& held) -> wire::PostgresConnection& { return *held; }, connection);
}

LoginSeam LoginSeam::healthy()
{
    return {.obtain = &obtain_from_pool, .finish = &give_back};
}

} // namespace squall::target
