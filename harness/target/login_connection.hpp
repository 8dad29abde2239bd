// How a login comes by its database connection and how it gives it back: the seam at which defects work.
#pragma once

#include "target/database_pools.hpp"
#include "target/direct_connections.hpp"
#include "target/http.hpp"

#include <functional>
#include <variant>

namespace squall::target {

struct Service;

/// Gives itself back when it goes.
using LoginConnection = std::variant<DatabaseLease, DirectConnection>;

/// On whichever it is.
Task<wire::PostgresResult<wire::PostgresRows>> query_on(LoginConnection& connection, std::string sql,
                                                        std::vector<std::string> parameters, Instant deadline);

/// A connection, or the answer to give instead.
using ObtainedLogin = boost::system::result<LoginConnection, Response>;

struct LoginSeam {
    std::function<Task<ObtainedLogin>(Service&)> obtain;
    std::function<void(LoginConnection, bool authenticated)> finish;

    /// From the pool, and back to it in every case.
    [[nodiscard]] static LoginSeam healthy();
};

} // namespace squall::target
