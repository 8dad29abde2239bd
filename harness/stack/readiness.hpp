// Is a server ready? Each is asked in its own protocol.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "wire/task.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace squall::stack {

/// `select 1` answers. Also asked through PgBouncer.
struct PostgresAnswers {
    std::string url;
};
/// PING answers, be it that a password is missing.
struct RedisAnswers {
    std::string url;
};
/// GET answers with that status, or with any below 500.
struct HttpAnswers {
    std::string url;
    std::optional<int> status;
};
struct PortAccepts {
    std::string host;
    int port = 0;
};
using Readiness = std::variant<PostgresAnswers, RedisAnswers, HttpAnswers, PortAccepts>;

/// What CommandSpec::ready says: http://…, https://…, tcp://host:port, or empty for `port` on loopback.
[[nodiscard]] Result<Readiness> parse_readiness(std::string_view text, int port);

/// How it is asked, for a person: "GET http://127.0.0.1:8080/health, waiting for a status below 500".
[[nodiscard]] std::string describe(const Readiness& readiness);

/// Asks once; the error says what came instead of the answer.
Task<Result<void>> ask(Readiness readiness, Instant deadline);

} // namespace squall::stack
