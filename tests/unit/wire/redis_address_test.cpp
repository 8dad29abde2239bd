#include "wire/redis_address.hpp"

#include "catch.hpp"

using squall::wire::parse_redis_url;
using Commands = std::vector<std::vector<std::string>>;

TEST_CASE("a Redis URL gives the address and the commands that open the connection")
{
    SECTION("the shortest one")
    {
        const auto address = parse_redis_url("redis://127.0.0.1");
        REQUIRE(address.has_value());
        CHECK(address->port == 6379);
        CHECK(address->greeting("").empty());
    }
    SECTION("with a password, a database and a name")
    {
        const auto address = parse_redis_url("redis://:p%40ss@h:7000/3");
        REQUIRE(address.has_value());
        CHECK(address->host == "h");
        CHECK(address->port == 7000);
        CHECK(address->greeting("my name") ==
              Commands{{"AUTH", "p@ss"}, {"SELECT", "3"}, {"CLIENT", "SETNAME", "my-name"}});
    }
    SECTION("over TLS")
    {
        CHECK(parse_redis_url("rediss://h")->secure);
        CHECK_FALSE(parse_redis_url("redis://h")->secure);
    }
    SECTION("with a user")
    {
        CHECK(parse_redis_url("redis://me:pw@h")->greeting("") == Commands{{"AUTH", "me", "pw"}});
    }
}

TEST_CASE("what is no Redis URL is an error without the password")
{
    for (const std::string text : {"http://h", "redis://", "redis://:secret@h/x", "redis://:secret@h:0", "redisss://h",
                                   "redis://h/-1", "localhost:6379"}) {
        CAPTURE(text);
        const auto address = parse_redis_url(text);
        REQUIRE(address.has_error());
        CHECK(address.error().message.find("secret") == std::string::npos);
    }
}
