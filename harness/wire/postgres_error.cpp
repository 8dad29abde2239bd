#include "wire/postgres_error.hpp"

#include "base/text.hpp"

namespace squall::wire {
namespace {

bool is_sqlstate(std::string_view text)
{
    for (const char letter : text) {
        if (!((letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z'))) {
            return false;
        }
    }
    return text.size() == 5;
}

/// Position of the five characters of "FATAL:  53300: sorry"; npos when there are none.
std::size_t find_sqlstate(std::string_view line)
{
    for (auto at = line.find(":  "); at != std::string_view::npos; at = line.find(":  ", at + 1)) {
        const auto rest = line.substr(at + 3);
        if (rest.size() > 6 && rest[5] == ':' && is_sqlstate(rest.substr(0, 5))) {
            return at + 3;
        }
    }
    return std::string_view::npos;
}

bool mentions(std::string_view text, std::string_view words)
{
    return text.find(words) != std::string_view::npos;
}

} // namespace

PostgresError make_error(PostgresError::Kind kind, std::string message)
{
    PostgresError error;
    error.kind = kind;
    error.message = std::move(message);
    return error;
}

PostgresError connect_error(std::string_view verbose_message, bool reached)
{
    std::string sqlstate;
    std::vector<std::string> lines;
    for (auto& line : split(trim(verbose_message), '\n')) {
        if (line.starts_with("LOCATION:")) {
            continue;
        }
        const auto at = find_sqlstate(line);
        if (at != std::string::npos) {
            sqlstate = line.substr(at, 5);
            line.erase(at, 7); // "53300: "
        }
        lines.emplace_back(trim(line));
    }
    auto error = server_error(sqlstate, redact(join(lines, "; ")));
    if (sqlstate.empty()) {
        const bool ours = mentions(error.message, "could not create socket");
        error.kind = reached || ours ? PostgresError::Kind::broken : PostgresError::Kind::refused;
        if (mentions(error.message, "no password supplied") || mentions(error.message, "authentication")) {
            error.kind = PostgresError::Kind::authentication;
        }
    }
    return error;
}

PostgresError server_error(std::string_view sqlstate, std::string_view message)
{
    auto error = make_error(PostgresError::Kind::server, std::string(trim(message)));
    error.sqlstate = std::string(sqlstate);
    if (sqlstate.starts_with("28")) {
        error.kind = PostgresError::Kind::authentication;
    }
    return error;
}

std::string_view to_string(PostgresError::Kind kind)
{
    switch (kind) {
    case PostgresError::Kind::refused:
        return "refused";
    case PostgresError::Kind::timeout:
        return "timeout";
    case PostgresError::Kind::authentication:
        return "authentication";
    case PostgresError::Kind::server:
        return "server";
    case PostgresError::Kind::broken:
        return "broken";
    }
    return "broken";
}

} // namespace squall::wire
