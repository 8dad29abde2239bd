// The bug: the login code was written before the pool, with a connection of its own for every login, and stayed so.
#include "target/database.hpp"
#include "target/defects/registry.hpp"
#include "target/service.hpp"

#include <utility>

namespace squall::target {
namespace {

constexpr Duration connect_timeout = std::chrono::seconds(5);

Task<ObtainedLogin> obtain_direct(Service& service)
{
    auto conninfo = with_application_name(service.options.bypass_database, "meal-planner-auth");
    const auto deadline = std::chrono::steady_clock::now() + connect_timeout;
    auto opened = co_await service.direct.open("login", std::move(conninfo), deadline);
    if (!opened) {
        co_return database_refusal(opened.error());
    }
    co_return LoginConnection(std::move(*opened));
}

} // namespace

void install_pool_bypass(Service& service)
{
    service.login.obtain = &obtain_direct;
}

} // namespace squall::target
