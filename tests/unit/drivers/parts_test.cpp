// The pure parts of the HTTP driver.
#include "catch.hpp"
#include "drivers/header_list.hpp"
#include "drivers/inflate.hpp"
#include "drivers/redirect.hpp"
#include "drivers/request_writer.hpp"

namespace squall::drivers {

TEST_CASE("headers are found without regard to case, the first of a name")
{
    HeaderList headers;
    headers.add("Content-Type", "text/plain");
    headers.add("Set-Cookie", "a=1");
    headers.add("set-cookie", "b=2");
    CHECK(headers.find("content-TYPE") == "text/plain");
    CHECK(headers.find("set-cookie") == "a=1");
    CHECK_FALSE(headers.find("content"));
    CHECK(headers.value(2) == "b=2");
    headers.clear();
    CHECK(headers.size() == 0);
    CHECK_FALSE(headers.find("set-cookie"));
}

TEST_CASE("redirects are resolved against the address that sent them")
{
    const auto from = wire::parse_url("https://shop.example:8443/a/b?q=1").value();
    const auto target = [&from](std::string_view location) {
        const auto url = redirect_target(from, location);
        return url ? fmt::format("{}://{}{}", url->scheme, url->authority(), url->target) : "error";
    };
    CHECK(target("/x?y=2") == "https://shop.example:8443/x?y=2");
    CHECK(target("c") == "https://shop.example:8443/a/c");
    CHECK(target("../c") == "https://shop.example:8443/c");
    CHECK(target("?z") == "https://shop.example:8443/a/b?z");
    CHECK(target("//other.example/x") == "https://other.example/x");
    CHECK(target("http://other.example") == "http://other.example/");
    CHECK(target("ftp://other.example/") == "error");
    CHECK(target("http://[bad") == "error");
}

TEST_CASE("redirects change the method as browsers do")
{
    CHECK(becomes_get(303, "PUT"));
    CHECK_FALSE(becomes_get(303, "HEAD"));
    CHECK(becomes_get(301, "POST"));
    CHECK(becomes_get(302, "POST"));
    CHECK_FALSE(becomes_get(302, "PUT"));
    CHECK_FALSE(becomes_get(307, "POST"));
    CHECK_FALSE(becomes_get(308, "POST"));
    CHECK_FALSE(is_redirect(304));
    CHECK(is_redirect(308));
}

TEST_CASE("requests say their length only where they have a body or should")
{
    const auto url = wire::parse_url("http://shop.example/x").value();
    const auto written = [&url](std::string_view method, std::optional<std::string_view> body) {
        std::string out = "what was there before";
        write_request({method, &url, {}, body}, "", out);
        return out;
    };
    const std::string common =
        " /x HTTP/1.1\r\nhost: shop.example\r\nuser-agent: squall\r\naccept-encoding: gzip, deflate\r\n";
    CHECK(written("GET", std::nullopt) == "GET" + common + "\r\n");
    CHECK(written("POST", std::nullopt) == "POST" + common + "content-length: 0\r\n\r\n");
    CHECK(written("DELETE", "x") == "DELETE" + common + "content-length: 1\r\n\r\nx");
}

TEST_CASE("headers of the scenario replace those of the driver")
{
    const auto url = wire::parse_url("http://shop.example/x").value();
    const std::vector<std::pair<std::string_view, std::string_view>> headers{
        {"Host", "other"}, {"User-Agent", "me"}, {"Accept-Encoding", "identity"}};
    std::string out;
    write_request({"GET", &url, headers, std::nullopt}, "a=1", out);
    CHECK(out ==
          "GET /x HTTP/1.1\r\nHost: other\r\nUser-Agent: me\r\nAccept-Encoding: identity\r\ncookie: a=1\r\n\r\n");
}

TEST_CASE("what is not compressed is corrupt, and leaves nothing behind")
{
    std::string out = "before";
    CHECK(inflate_body("plain text", 1000, out) == InflateOutcome::corrupt);
    CHECK(out == "before");
    CHECK(is_inflatable(" GZip "));
    CHECK_FALSE(is_inflatable("br"));
    CHECK_FALSE(is_inflatable("gzip, gzip"));
}

} // namespace squall::drivers
