#include "wire/url.hpp"

#include "catch.hpp"

using namespace std::string_literals;
using squall::wire::parse_url;

TEST_CASE("a URL is split into what a request needs")
{
    const auto url = parse_url("HTTP://Example.com:8080/a/b?c=d#e");
    REQUIRE(url.has_value());
    CHECK(url->scheme == "http");
    CHECK(url->port == 8080);
    CHECK(url->target == "/a/b?c=d");
    CHECK_FALSE(url->secure());

    SECTION("the port is the scheme's where none is written")
    {
        CHECK(parse_url("http://h")->port == 80);
        CHECK(parse_url("https://h")->port == 443);
        CHECK(parse_url("ws://h")->port == 80);
        CHECK(parse_url("wss://h:")->port == 443);
    }
    SECTION("the target always begins with a slash")
    {
        CHECK(parse_url("http://h")->target == "/");
        CHECK(parse_url("http://h?x=1")->target == "/?x=1");
        CHECK(parse_url("http://h/%20a")->target == "/%20a");
    }
    SECTION("IPv6 hosts lose their brackets, and get them back in the Host header")
    {
        const auto six = parse_url("http://[::1]:81/");
        REQUIRE(six.has_value());
        CHECK(six->host == "::1");
        CHECK(six->authority() == "[::1]:81");
    }
    SECTION("the Host header leaves the default port out")
    {
        CHECK(parse_url("https://h:443/")->authority() == "h");
        CHECK(parse_url("https://h:80/")->authority() == "h:80");
    }
}

TEST_CASE("what is no URL of ours is an error that shows the text")
{
    for (const auto& text : {"h:80/x"s, "ftp://h/"s, "http://"s, "http:///x"s, "http://h:0/"s, "http://h:99999/"s,
                             "http://h:x/"s, "http://h /"s, ""s, "http://[::1/"s}) {
        CAPTURE(text);
        const auto url = parse_url(text);
        REQUIRE(url.has_error());
        CHECK(url.error().message.find("\"" + text + "\"") != std::string::npos);
    }
}

TEST_CASE("a password in a URL is refused and not repeated")
{
    const auto url = parse_url("http://me:secret@h/");
    REQUIRE(url.has_error());
    CHECK(url.error().message.find("secret") == std::string::npos);
}
