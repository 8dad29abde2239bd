#include "catch.hpp"
#include "run_task.hpp"
#include "wire/http_get.hpp"

#include <boost/asio/ssl.hpp>
#include <openssl/evp.h>
#include <openssl/x509.h>

using namespace squall;
using namespace squall::testing;
using namespace std::chrono_literals;

namespace {

using tcp = asio::ip::tcp;
namespace ssl = asio::ssl;

/// Gives the context a key and a certificate that nobody vouches for.
void use_self_signed(ssl::context& context)
{
    EVP_PKEY* key = EVP_RSA_gen(2048);
    X509* certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("127.0.0.1"), -1, -1,
                               0);
    X509_set_issuer_name(certificate, name);
    REQUIRE(X509_sign(certificate, key, EVP_sha256()) > 0);
    REQUIRE(SSL_CTX_use_certificate(context.native_handle(), certificate) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(context.native_handle(), key) == 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

/// Answers one connection; ends quietly when the client does not want to shake hands.
Task<void> serve_one(tcp::acceptor& acceptor, ssl::context& context)
{
    auto [accept_error, socket] = co_await acceptor.async_accept(use_result);
    if (accept_error) {
        co_return;
    }
    ssl::stream<tcp::socket> stream(std::move(socket), context);
    const auto [handshake_error] = co_await stream.async_handshake(ssl::stream_base::server, use_result);
    if (handshake_error) {
        co_return;
    }
    std::string request;
    co_await asio::async_read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n", use_result);
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecure";
    co_await asio::async_write(stream, asio::buffer(answer), use_result);
}

Result<wire::HttpAnswer> get_over_tls(bool verify)
{
    asio::io_context io;
    ssl::context context(ssl::context::tls_server);
    use_self_signed(context);
    tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    bool served = false;
    asio::co_spawn(io, serve_one(acceptor, context), [&served](std::exception_ptr) { served = true; });
    const auto url = fmt::format("https://127.0.0.1:{}/", acceptor.local_endpoint().port());
    auto answer = run_task(io, wire::http_get(url, in(10s), verify));
    REQUIRE(run_until(io, [&served] { return served; }));
    return answer;
}

} // namespace

TEST_CASE("a certificate that nobody vouches for is refused")
{
    const auto answer = get_over_tls(true);
    REQUIRE(answer.has_error());
    CHECK(answer.error().message.find("certificate verify failed") != std::string::npos);
}

TEST_CASE("without verification it is taken")
{
    const auto answer = get_over_tls(false);
    REQUIRE(answer.has_value());
    CHECK(answer->body == "secure");
}
