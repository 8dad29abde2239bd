#include "client_fixture.hpp"
#include "scripted_server.hpp"
#include "test_certificate.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;

namespace squall::drivers {
namespace {

using measure::ErrorKind;

} // namespace

TEST_CASE("TLS certificates are verified")
{
    const TestCertificate certificate("DNS:localhost,IP:127.0.0.1");
    ScriptedServer server(always_answer("secret"), certificate.server);

    SECTION("an unknown one is refused, with the reason")
    {
        ClientFixture fixture;
        const auto exchange = fixture.perform(server.url());
        CHECK(exchange.error == ErrorKind::tls);
        CHECK_THAT(exchange.error_text, ContainsSubstring("self-signed certificate"));
        CHECK(exchange.new_connection);
    }
    SECTION("one that the scenario trusts is accepted, and the connection is kept")
    {
        ClientFixture fixture({true, certificate.file});
        const auto first = fixture.perform(server.url());
        CHECK(first.error == ErrorKind::none);
        CHECK(first.body == "secret");
        CHECK(first.phases.tls_handshaking > 0ns);
        CHECK(fixture.perform(server.url()).phases.tls_handshaking == 0ns);
        CHECK(server.accepted() == 1);
    }
    SECTION("by name as well as by address")
    {
        ClientFixture fixture({true, certificate.file});
        CHECK(fixture.perform(fmt::format("https://localhost:{}/", server.port())).error == ErrorKind::none);
    }
    SECTION("any is accepted when the scenario says so")
    {
        ClientFixture fixture({false, std::nullopt});
        CHECK(fixture.perform(server.url()).error == ErrorKind::none);
    }
    SECTION("one for another host is refused")
    {
        const TestCertificate other("DNS:other.example");
        ScriptedServer impostor(always_answer("x"), other.server);
        ClientFixture fixture({true, other.file});
        const auto exchange = fixture.perform(impostor.url());
        CHECK(exchange.error == ErrorKind::tls);
    }
}

TEST_CASE("TLS with a server that speaks none, or never finishes its handshake")
{
    ClientFixture fixture;

    SECTION("is a TLS error")
    {
        ScriptedServer server([](Peer& peer) { peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
        const auto exchange = fixture.perform(fmt::format("https://127.0.0.1:{}/", server.port()));
        CHECK(exchange.error == ErrorKind::tls);
    }
    SECTION("times out at the deadline")
    {
        ScriptedServer server([](Peer& peer) { peer.wait_for_end(); });
        const auto exchange = fixture.perform(fmt::format("https://127.0.0.1:{}/", server.port()), {.timeout = 200ms});
        CHECK(exchange.error == ErrorKind::timeout);
        CHECK_THAT(exchange.error_text, ContainsSubstring("handshake"));
    }
}

TEST_CASE("large bodies and stale connections over TLS")
{
    const TestCertificate certificate("IP:127.0.0.1");
    const std::string large(1'000'000, 'x');
    ScriptedServer server(
        [&large](Peer& peer) {
            if (peer.request()) {
                peer.answer(large);
            }
            peer.request();
        },
        certificate.server);
    ClientFixture fixture({true, certificate.file});
    CHECK(fixture.perform(server.url(), {.method = "PUT", .body = large}).body == large);
    const auto again = fixture.perform(server.url());
    CHECK(again.error == ErrorKind::none);
    CHECK(again.retried);
}

TEST_CASE("a certificate file that cannot be read is said at once")
{
    const auto context = TlsContext::create({true, "/nowhere/ca.pem"});
    REQUIRE(context.has_error());
    CHECK_THAT(context.error().message, ContainsSubstring("/nowhere/ca.pem"));
}

} // namespace squall::drivers
