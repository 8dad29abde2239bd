#include "client_fixture.hpp"
#include "scripted_server.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;

namespace squall::drivers {

using measure::ErrorKind;

TEST_CASE("redirects")
{
    ClientFixture fixture;
    std::vector<std::string> requests;
    std::string location = "/next";
    std::string status = "302 Found";
    ScriptedServer server([&](Peer& peer) {
        while (const auto request = peer.request()) {
            requests.push_back(request->substr(0, request->find("\r\n")) + (request->ends_with("pay") ? " pay" : ""));
            if (request->find("/start") != std::string::npos) {
                peer.send(fmt::format("HTTP/1.1 {}\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", status, location));
            } else {
                peer.answer("there");
            }
        }
    });

    SECTION("are answers like any other unless they are to be followed")
    {
        const auto exchange = fixture.perform(server.url("/start"));
        CHECK(exchange.status == 302);
        CHECK(exchange.header("location") == "/next");
        CHECK(requests.size() == 1);
    }
    SECTION("are followed on the same connection")
    {
        const auto exchange = fixture.perform(server.url("/start"), {.follow_redirects = 5});
        CHECK(exchange.status == 200);
        CHECK(exchange.body == "there");
        CHECK(exchange.redirects == 1);
        CHECK(server.accepted() == 1);
    }
    SECTION("turn a POST into a GET after 302, and leave it a POST after 307")
    {
        fixture.perform(server.url("/start"), {"POST", {}, "pay", 10s, true, 5});
        CHECK(requests == std::vector<std::string>{"POST /start HTTP/1.1 pay", "GET /next HTTP/1.1"});
        requests.clear();
        status = "307 Temporary Redirect";
        fixture.perform(server.url("/start"), {"POST", {}, "pay", 10s, true, 5});
        CHECK(requests == std::vector<std::string>{"POST /start HTTP/1.1 pay", "POST /next HTTP/1.1 pay"});
    }
    SECTION("end after so many, with the last answer")
    {
        location = "/start?again";
        const auto exchange = fixture.perform(server.url("/start"), {.follow_redirects = 3});
        CHECK(exchange.status == 302);
        CHECK(exchange.error == ErrorKind::none);
        CHECK(requests.size() == 4);
    }
    SECTION("never lead to a host that may not be contacted")
    {
        location = "http://staging.example.com/";
        const auto exchange = fixture.perform(server.url("/start"), {.follow_redirects = 5});
        CHECK(exchange.error == ErrorKind::header);
        CHECK_THAT(exchange.error_text, ContainsSubstring("staging.example.com"));
    }
    SECTION("to another host leave the credentials behind")
    {
        std::string seen;
        ScriptedServer other([&seen](Peer& peer) {
            while (const auto request = peer.request()) {
                seen = *request;
                peer.answer("x");
            }
        });
        location = fmt::format("http://localhost:{}/", other.port());
        const auto exchange = fixture.perform(
            server.url("/start"), {.headers = {{"authorization", "Bearer x"}, {"x-a", "1"}}, .follow_redirects = 5});
        CHECK(exchange.error == ErrorKind::none);
        CHECK_THAT(seen, ContainsSubstring("x-a: 1") && !ContainsSubstring("authorization"));
    }
}

TEST_CASE("cookies are kept for their user")
{
    std::string seen;
    ScriptedServer server([&seen](Peer& peer) {
        while (const auto request = peer.request()) {
            seen = *request;
            peer.answer("x", "Set-Cookie: sid=42; Path=/\r\nset-cookie: far=1; Path=/far\r\n");
        }
    });

    SECTION("and sent where they belong, until they are cleared")
    {
        ClientFixture fixture;
        fixture.perform(server.url());
        CHECK_THAT(seen, !ContainsSubstring("cookie:"));
        fixture.perform(server.url());
        CHECK_THAT(seen, ContainsSubstring("cookie: sid=42\r\n"));
        fixture.perform(server.url("/far/x"));
        CHECK_THAT(seen, ContainsSubstring("cookie: far=1; sid=42\r\n"));
        fixture.client.clear_cookies();
        fixture.perform(server.url());
        CHECK_THAT(seen, !ContainsSubstring("cookie:"));
    }
    SECTION("unless the user wants none")
    {
        ClientFixture fixture({}, false);
        fixture.perform(server.url());
        fixture.perform(server.url());
        CHECK_THAT(seen, !ContainsSubstring("cookie:"));
    }
}

} // namespace squall::drivers
