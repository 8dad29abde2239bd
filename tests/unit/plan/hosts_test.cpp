#include "plan/hosts.hpp"

#include "catch.hpp"
#include "plan/plan.hpp"

namespace squall::plan {

TEST_CASE("loopback is 127.0.0.0/8, ::1 and localhost, and nothing that looks like it")
{
    for (const auto* host : {"127.0.0.1", "127.255.0.9", "::1", "0:0:0:0:0:0:0:1", "localhost", "LocalHost"}) {
        CAPTURE(host);
        CHECK(is_loopback(host));
    }
    for (const auto* host :
         {"128.0.0.1", "127.0.0.1.example.com", "localhost.example.com", "::2", "10.0.0.1", "", "127.1", "0.0.0.0"}) {
        CAPTURE(host);
        CHECK_FALSE(is_loopback(host));
    }
}

TEST_CASE("the host of a URL")
{
    CHECK(host_of("http://Example.com:80/x", true) == "example.com");
    CHECK(host_of("https://[::1]:443/x", true) == "::1");
    CHECK(host_of("postgres://me:secret@db:5432/x", true) == "db");
    CHECK(host_of("http://a", true) == "a");
    CHECK_FALSE(host_of("http://a", false));
    CHECK(host_of("http://a/", false) == "a");
    CHECK_FALSE(host_of("/path", true));
    CHECK(host_of("dbname=x host=DB.example", true) == "db.example");
    CHECK_FALSE(host_of("dbname=x", true));
}

TEST_CASE("allow_hosts names hosts, or all hosts below a domain")
{
    const std::vector<std::string> allowed{"API.example.com", "*.test.example"};
    CHECK(is_allowed_host("api.example.com", allowed));
    CHECK(is_allowed_host("a.b.test.example", allowed));
    CHECK(is_allowed_host("127.0.0.1", {}));
    CHECK_FALSE(is_allowed_host("test.example", allowed));
    CHECK_FALSE(is_allowed_host("eviltest.example", allowed));
    CHECK_FALSE(is_allowed_host("example.com", allowed));
}

} // namespace squall::plan
