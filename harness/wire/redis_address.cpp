#include "wire/redis_address.hpp"

#include "base/text.hpp"

#include <boost/url.hpp>

#include <charconv>

namespace squall::wire {

std::vector<std::vector<std::string>> RedisAddress::greeting(std::string_view name) const
{
    std::vector<std::vector<std::string>> commands;
    if (!password.empty() && !user.empty()) {
        commands.push_back({"AUTH", user, password});
    } else if (!password.empty()) {
        commands.push_back({"AUTH", password});
    }
    if (database != 0) {
        commands.push_back({"SELECT", std::to_string(database)});
    }
    if (!name.empty()) {
        std::string clean(name);
        for (char& letter : clean) {
            letter = letter > ' ' && letter <= '~' ? letter : '-';
        }
        commands.push_back({"CLIENT", "SETNAME", clean});
    }
    return commands;
}

Result<RedisAddress> parse_redis_url(std::string_view text)
{
    constexpr std::string_view expected = "expected redis://[:password@]host:port[/database]";
    const auto shown = redact(text);
    const auto parsed = boost::urls::parse_uri(boost::urls::string_view(text.data(), text.size()));
    if (!parsed || (parsed->scheme() != "redis" && parsed->scheme() != "rediss")) {
        return fail("\"{}\" is not a Redis URL; {}", shown, expected);
    }
    RedisAddress address;
    address.secure = parsed->scheme() == "rediss";
    address.host = parsed->host_address();
    address.user = parsed->user();
    address.password = parsed->password();
    if (address.host.empty()) {
        return fail("\"{}\" names no host; {}", shown, expected);
    }
    if (parsed->has_port() && !parsed->port().empty()) {
        const auto digits = parsed->port();
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
        if (error != std::errc{} || address.port == 0) {
            return fail("\"{}\" has a port that is not 1 to 65535; {}", shown, expected);
        }
    }
    const std::string path = parsed->path();
    if (path.size() > 1) {
        const char* last = path.data() + path.size();
        const auto [end, error] = std::from_chars(path.data() + 1, last, address.database);
        if (error != std::errc{} || end != last || address.database < 0) {
            return fail("\"{}\" has the database \"{}\", which is not a number; {}", shown, path.substr(1), expected);
        }
    }
    return address;
}

} // namespace squall::wire
