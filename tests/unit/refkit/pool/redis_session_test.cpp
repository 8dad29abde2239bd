#include "refkit/pool/redis_session.hpp"

#include "catch.hpp"

#include <iterator>
#include <sstream>

using squall::refkit::RedisLeftover;

namespace {

/// After commands such as "MULTI; SET key value".
RedisLeftover after(const std::string& commands)
{
    RedisLeftover leftover;
    std::istringstream text(commands);
    for (std::string command; std::getline(text, command, ';');) {
        std::istringstream words(command);
        leftover.after({std::istream_iterator<std::string>(words), {}});
    }
    return leftover;
}

} // namespace

TEST_CASE("commands that stand alone leave nothing in a Redis session")
{
    for (const auto* commands : {"GET key", "SET select 1", "CLIENT LIST", "MULTI; SET k v; EXEC", "WATCH k; UNWATCH",
                                 "WATCH k; MULTI; DISCARD", "multi; get k; exec", "EVAL script 0"}) {
        INFO(commands);
        CHECK_FALSE(after(commands).state());
        CHECK_FALSE(after(commands).stream());
    }
}

TEST_CASE("what RESET takes back is known")
{
    for (const auto* commands : {"MULTI", "MULTI; SET k v", "watch k", "WATCH k; MULTI; UNWATCH", "SELECT 1",
                                 "AUTH user secret", "CLIENT SETNAME me", "READONLY", "RESET"}) {
        INFO(commands);
        CHECK(after(commands).state());
        CHECK_FALSE(after(commands).stream());
    }
}

TEST_CASE("after these nobody knows whose the next reply is")
{
    for (const auto* commands : {"SUBSCRIBE news", "psubscribe n*", "MONITOR", "HELLO 3", "CLIENT REPLY OFF",
                                 "client tracking on", "SUBSCRIBE news; UNSUBSCRIBE news"}) {
        INFO(commands);
        CHECK(after(commands).stream());
    }
}
