// The bug: a login's connection is kept in a table until the login is finished, and the way out for a wrong password
// returns before the entry is taken out again.
#include "target/defects/registry.hpp"
#include "target/service.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace squall::target {
namespace {

class LoginsUnderWay {
public:
    void finish(LoginConnection connection, bool authenticated)
    {
        const auto login = next_++;
        connections_.emplace(login, std::move(connection));
        if (!authenticated) {
            return; // the entry stays, and with it the connection
        }
        connections_.erase(login);
    }

private:
    std::uint64_t next_ = 0;
    std::map<std::uint64_t, LoginConnection> connections_;
};

} // namespace

void install_leak_on_auth_failure(Service& service)
{
    service.login.finish = [logins = std::make_shared<LoginsUnderWay>()](LoginConnection connection,
                                                                         bool authenticated) {
        logins->finish(std::move(connection), authenticated);
    };
}

} // namespace squall::target
