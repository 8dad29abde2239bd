#include "drivers/cookie_jar.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;

namespace squall::drivers {
namespace {

const WallTime noon = std::chrono::sys_days(std::chrono::year(2027) / 6 / 9) + 12h;

wire::Url url_of(const std::string& text)
{
    return wire::parse_url(text).value();
}

std::string sent(CookieJar& jar, const std::string& url, WallTime now = noon)
{
    std::string header;
    const bool any = jar.append_header(url_of(url), now, header);
    CHECK(any == !header.empty());
    return header;
}

} // namespace

TEST_CASE("a cookie goes back to the host that set it")
{
    CookieJar jar;
    jar.store("a=1", url_of("http://shop.example/x/y"), noon);
    CHECK(sent(jar, "http://shop.example/x/z") == "a=1");
    CHECK(sent(jar, "http://SHOP.example/x/z") == "a=1");
    CHECK(sent(jar, "http://other.example/x/z").empty());
    CHECK(sent(jar, "http://sub.shop.example/x/z").empty());

    SECTION("below the folder of the path that set it")
    {
        CHECK(sent(jar, "http://shop.example/x").starts_with("a=1"));
        CHECK(sent(jar, "http://shop.example/").empty());
        CHECK(sent(jar, "http://shop.example/xyz").empty());
    }
    SECTION("whatever the query says")
    {
        CHECK(sent(jar, "http://shop.example/x?next=/x/y") == "a=1");
        CHECK(sent(jar, "http://shop.example/?next=/x/y").empty());
    }
    SECTION("with its newest value")
    {
        jar.store("a=2", url_of("http://shop.example/x/other"), noon);
        CHECK(sent(jar, "http://shop.example/x/") == "a=2");
        CHECK(jar.size() == 1);
    }
}

TEST_CASE("a Domain widens a cookie to the hosts below, never beyond its own domain")
{
    CookieJar jar;
    jar.store("a=1; Domain=.example.com; Path=/", url_of("http://shop.example.com/"), noon);
    CHECK(sent(jar, "http://other.example.com/") == "a=1");
    CHECK(sent(jar, "http://example.com/") == "a=1");
    CHECK(sent(jar, "http://evilexample.com/").empty());
    jar.store("b=1; Domain=other.example", url_of("http://shop.example.com/"), noon);
    jar.store("c=1; Domain=com", url_of("http://shop.example.com/"), noon);
    jar.store("d=1; Domain=0.0.1", url_of("http://127.0.0.1/"), noon);
    CHECK(jar.size() == 1);
    jar.store("e=1; Domain=localhost", url_of("http://localhost/"), noon);
    CHECK(sent(jar, "http://localhost/") == "e=1");
}

TEST_CASE("a Secure cookie travels over TLS only")
{
    CookieJar jar;
    jar.store("a=1; secure; Path=/", url_of("https://shop.example/"), noon);
    CHECK(sent(jar, "https://shop.example/") == "a=1");
    CHECK(sent(jar, "http://shop.example/").empty());
}

TEST_CASE("cookies end")
{
    CookieJar jar;
    const auto home = url_of("http://shop.example/");

    SECTION("after their Max-Age, which wins over Expires")
    {
        jar.store("a=1; Max-Age=60; Expires=Wed, 09 Jun 2021 10:18:14 GMT", home, noon);
        CHECK(sent(jar, "http://shop.example/", noon + 59s) == "a=1");
        CHECK(sent(jar, "http://shop.example/", noon + 60s).empty());
    }
    SECTION("at their Expires")
    {
        jar.store("a=1; expires=Wed, 09 Jun 2027 12:00:10 GMT", home, noon);
        CHECK(sent(jar, "http://shop.example/", noon + 9s) == "a=1");
        CHECK(sent(jar, "http://shop.example/", noon + 10s).empty());
    }
    SECTION("at once when the server deletes them")
    {
        jar.store("a=1", home, noon);
        jar.store("a=; Max-Age=0", home, noon);
        CHECK(jar.size() == 0);
    }
    SECTION("never, when the Max-Age is beyond all clocks")
    {
        jar.store("a=1; Max-Age=99999999999999999999999", home, noon);
        CHECK(sent(jar, "http://shop.example/", noon + 24h) == "a=1");
    }
}

TEST_CASE("longer paths come first, and the jar is bounded")
{
    CookieJar jar;
    const auto home = url_of("http://shop.example/");
    jar.store("root=1; Path=/", home, noon);
    jar.store("deep=1; Path=/a/b", home, noon);
    CHECK(sent(jar, "http://shop.example/a/b/c") == "deep=1; root=1");
    for (int cookie = 0; cookie < 300; ++cookie) {
        jar.store("c" + std::to_string(cookie) + "=1", home, noon);
    }
    CHECK(jar.size() == 100);
    CHECK(sent(jar, "http://shop.example/").find("c299=1") != std::string::npos);
    jar.store("huge=" + std::string(5000, 'x'), home, noon);
    CHECK(sent(jar, "http://shop.example/").find("huge") == std::string::npos);
}

TEST_CASE("what is no cookie is ignored")
{
    CookieJar jar;
    for (const auto* text : {"", ";", "=value", "novalue", "; Path=/"}) {
        jar.store(text, url_of("http://shop.example/"), noon);
    }
    CHECK(jar.size() == 0);
}

TEST_CASE("cookie dates in the forms that servers write")
{
    const auto expected = std::chrono::sys_days(std::chrono::year(2027) / 6 / 9) + 10h + 18min + 14s;
    CHECK(parse_cookie_date("Wed, 09 Jun 2027 10:18:14 GMT") == expected);
    CHECK(parse_cookie_date("Wednesday, 09-Jun-27 10:18:14 GMT") == expected);
    CHECK(parse_cookie_date("Wed Jun  9 10:18:14 2027") == expected);
    CHECK_FALSE(parse_cookie_date("tomorrow"));
    CHECK_FALSE(parse_cookie_date("31 Feb 2027 10:00:00 GMT"));
    CHECK_FALSE(parse_cookie_date("09 Jun 2027 25:00:00 GMT"));
}

} // namespace squall::drivers
