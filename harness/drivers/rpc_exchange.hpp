// One message to a server of JSON-RPC and what came of it, whichever way it went.
#pragma once

#include "base/time.hpp"
#include "drivers/exchange.hpp"
#include "drivers/failure.hpp"
#include "measure/sample.hpp"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace squall::drivers {

/// Borrowed values, unchanged until the operation has ended.
struct RpcRequest {
    std::string_view method;
    std::string_view params;   // JSON; empty: none
    bool notification = false; // nothing answers it
};

struct RpcTimes {
    Instant start;    // now
    Instant deadline; // of everything
};

struct RpcExchange : Exchange {
    Failure failure;                            // an error of the server's, too: rpc_error
    const boost::json::value* answer = nullptr; // the whole message, also an error; until the next operation
    std::string_view answer_text;
    int status = 0; // of HTTP
};

} // namespace squall::drivers
