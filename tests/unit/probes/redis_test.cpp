#include "probes/redis.hpp"

#include "catch.hpp"

using namespace squall::probes;

TEST_CASE("INFO is read line by line")
{
    const auto info = parse_redis_info("# Clients\r\nconnected_clients:3\r\n\r\n# Keyspace\r\n"
                                       "db0:keys=12,expires=3,avg_ttl=0\r\nexecutable:/a:b\r\nnonsense\r\n");
    CHECK(info.size() == 3);
    CHECK(info.at("connected_clients") == "3");
    CHECK(info.at("executable") == "/a:b");
    CHECK(parse_keyspace(info.at("db0")).keys == 12);
    CHECK(parse_keyspace(info.at("db0")).expiring == 3);
    CHECK(parse_keyspace("").keys == 0);
    CHECK(parse_keyspace("expires=3").keys == 0);
}

TEST_CASE("CLIENT LIST tells name, user and host of a client")
{
    const auto clients = parse_clients("id=1 addr=127.0.0.1:1 laddr=127.0.0.1:6379 name=api db=0 user=default\n"
                                       "id=2 addr=[::1]:2 name= db=0 user=reader cmd=client|list\r\n"
                                       "id=3 lib-name=x addr=/tmp/redis.sock:0 odd db=0\n");
    REQUIRE(clients.size() == 3);
    CHECK(clients[0].name == "api");
    CHECK(clients[0].user == "default");
    CHECK(clients[0].host == "127.0.0.1");
    CHECK(clients[1].name.empty());
    CHECK(clients[1].user == "reader");
    CHECK(clients[1].host == "[::1]");
    CHECK(clients[2].name.empty());
    CHECK(clients[2].host == "/tmp/redis.sock");
    CHECK(parse_clients("").empty());
}
