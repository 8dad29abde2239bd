#include "client_fixture.hpp"
#include "scripted_server.hpp"

#include "catch.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>

using namespace std::chrono_literals;

namespace squall::drivers {
namespace {

using measure::ErrorKind;

/// A self-signed certificate for `names` ("DNS:localhost"), its file, and a server context that uses it.
class TestCertificate {
public:
    explicit TestCertificate(const std::string& names) : key_(EVP_EC_gen("P-256")), certificate_(X509_new())
    {
        X509_set_version(certificate_, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate_), -60);
        X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
        X509_set_pubkey(certificate_, key_);
        auto* name = X509_get_subject_name(certificate_);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("squall test"), -1,
                                   -1, 0);
        X509_set_issuer_name(certificate_, name);
        auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
        X509_add_ext(certificate_, extension, -1);
        X509_EXTENSION_free(extension);
        X509_sign(certificate_, key_, EVP_sha256());
        std::string pattern = (std::filesystem::temp_directory_path() / "squall-cert-XXXXXX").string();
        std::FILE* out = fdopen(mkstemp(pattern.data()), "w");
        PEM_write_X509(out, certificate_);
        std::fclose(out);
        file = pattern;
        server = SSL_CTX_new(TLS_server_method());
        SSL_CTX_use_certificate(server, certificate_);
        SSL_CTX_use_PrivateKey(server, key_);
    }
    ~TestCertificate()
    {
        SSL_CTX_free(server);
        X509_free(certificate_);
        EVP_PKEY_free(key_);
        std::filesystem::remove(file);
    }
    TestCertificate(const TestCertificate&) = delete;
    TestCertificate& operator=(const TestCertificate&) = delete;

    std::string file;
    SSL_CTX* server = nullptr;

private:
    EVP_PKEY* key_;
    X509* certificate_;
};

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
