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
    CHECK(parse_key_count(info.at("db0")) == 12);
    CHECK(parse_key_count("") == 0);
    CHECK(parse_key_count("expires=3") == 0);
}

TEST_CASE("CLIENT LIST gives a name a client")
{
    CHECK(parse_client_names("id=1 addr=127.0.0.1:1 name=api db=0\nid=2 addr=127.0.0.1:2 name= db=0\n"
                             "id=3 lib-name=x db=0\n") == std::vector<std::string>{"api", "", ""});
    CHECK(parse_client_names("").empty());
}
