#include "postgres_fixture.hpp"
#include "test_certificate.hpp"

#include "catch.hpp"

using namespace std::chrono_literals;

namespace squall::drivers {

using measure::ErrorKind;

TEST_CASE("PostgreSQL over TLS")
{
    const TestCertificate certificate("DNS:localhost");
    const TestCertificate stranger("DNS:localhost");
    testing::PostgresServer server(8);
    server.serve_tls(certificate.file, certificate.key_file);
    PostgresFixture fixture;
    const auto url = [&](const std::string& host, const std::string& settings) {
        return fmt::format("postgresql://postgres:secret@{}:{}/postgres?{}", host, server.port(), settings);
    };
    const std::string sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

    for (const auto& [mode, encrypted] :
         {std::pair("disable", "f"), std::pair("allow", "f"), std::pair("prefer", "t"), std::pair("require", "t")}) {
        DYNAMIC_SECTION("sslmode=" << mode)
        {
            const auto exchange = fixture.perform(url("127.0.0.1", fmt::format("sslmode={}", mode)), {sql.c_str()});
            CHECK(exchange.error_text.empty());
            CHECK(fixture.client.value("ssl") == encrypted);
        }
    }
    SECTION("the server's certificate is checked, and its name")
    {
        const auto ca = fmt::format("sslrootcert={}", certificate.file);
        for (const auto* mode : {"verify-ca", "verify-full"}) {
            const auto exchange =
                fixture.perform(url("localhost", fmt::format("sslmode={}&{}", mode, ca)), {sql.c_str()});
            CHECK(exchange.error_text.empty());
            CHECK(fixture.client.value("ssl") == "t");
        }
        CHECK(fixture.perform(url("127.0.0.1", "sslmode=verify-ca&" + ca), {sql.c_str()}).error_text.empty());
        const auto misnamed = fixture.perform(url("127.0.0.1", "sslmode=verify-full&" + ca), {sql.c_str()});
        CHECK(misnamed.error == ErrorKind::tls);
        CHECK(misnamed.error_text.find("does not match host name") != std::string::npos);
        const auto unknown = fixture.perform(
            url("localhost", fmt::format("sslmode=verify-full&sslrootcert={}", stranger.file)), {sql.c_str()});
        CHECK(unknown.error == ErrorKind::tls);
        CHECK(unknown.error_text.find("certificate verify failed") != std::string::npos);
        const auto no_file =
            fixture.perform(url("localhost", "sslmode=verify-full&sslrootcert=/no/such/file"), {sql.c_str()});
        CHECK(no_file.error == ErrorKind::tls);
    }
    SECTION("large answers and questions, and many answers, come through records of TLS too")
    {
        const auto secured = url("127.0.0.1", "sslmode=require");
        const std::string long_text(3'000'000, 'x');
        const auto exchange = fixture.perform(secured, {"SELECT $1::text AS text", nullptr, {long_text.c_str()}});
        CHECK(exchange.error_text.empty());
        CHECK(fixture.client.value("text") == long_text);
        const auto many = fixture.perform(secured, {"SELECT repeat('x', 500)", nullptr, {}, 1000});
        CHECK(many.error_text.empty());
        CHECK(many.rows == 1000);
        const auto out = fixture.perform(secured, {"COPY (SELECT generate_series(1, 100000)) TO STDOUT"});
        CHECK(out.rows == 100'000);
        Numbers rows(100'000);
        CHECK(fixture.perform(secured, {"CREATE TABLE t (x int)"}).error == ErrorKind::none);
        CHECK(fixture.perform(secured, {"COPY t FROM STDIN", nullptr, {}, 1, {}, 60s, &rows}).rows == 100'000);
    }
    SECTION("a server that turns TLS away")
    {
        testing::PostgresServer plain(8);
        const auto refused = fixture.perform(plain.url("sslmode=require"), {"SELECT 1"});
        CHECK(refused.error == ErrorKind::tls);
    }
}

} // namespace squall::drivers
