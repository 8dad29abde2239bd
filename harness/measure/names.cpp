// Words of the enumerations, as they stand in journals and results.
#include "measure/outcome.hpp"
#include "measure/phase.hpp"

#include "base/assert.hpp"

namespace squall::measure {
namespace {

constexpr std::array<std::string_view, error_kind_count> error_names{"none",
                                                                     "connection_refused",
                                                                     "connect_timeout",
                                                                     "dns",
                                                                     "tls",
                                                                     "timeout",
                                                                     "connection_reset",
                                                                     "connection_closed",
                                                                     "malformed_response",
                                                                     "response_too_large",
                                                                     "status",
                                                                     "header",
                                                                     "body",
                                                                     "json",
                                                                     "save",
                                                                     "local_limit",
                                                                     "upgrade_refused",
                                                                     "websocket_protocol",
                                                                     "authentication",
                                                                     "query",
                                                                     "redis_error",
                                                                     "rpc_error",
                                                                     "rpc_protocol",
                                                                     "start_failed",
                                                                     "server_exited",
                                                                     "cancelled",
                                                                     "internal"};
constexpr std::array<std::string_view, 5> phase_names{"primer", "settle", "warm_up", "load", "quiesce"};

template <typename Enumeration, std::size_t N>
std::optional<Enumeration> find(const std::array<std::string_view, N>& names, std::string_view text)
{
    for (std::size_t at = 0; at < N; ++at) {
        if (names[at] == text) {
            return static_cast<Enumeration>(at);
        }
    }
    return std::nullopt;
}

} // namespace

std::string_view to_string(ErrorKind kind)
{
    const auto at = static_cast<std::size_t>(kind);
    SQUALL_ASSERT(at < error_names.size());
    return error_names[at];
}

std::optional<ErrorKind> parse_error_kind(std::string_view text)
{
    return find<ErrorKind>(error_names, text);
}

std::string_view to_string(Phase phase)
{
    return phase_names[static_cast<std::size_t>(phase)];
}

std::optional<Phase> parse_phase(std::string_view text)
{
    return find<Phase>(phase_names, text);
}

} // namespace squall::measure
