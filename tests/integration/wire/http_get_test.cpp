#include "wire/http_get.hpp"

#include "catch.hpp"
#include "integration/canned_http.hpp"
#include "integration/servers.hpp"
#include "run_task.hpp"

using namespace squall;
using namespace squall::testing;
using namespace std::chrono_literals;

namespace {

Result<wire::HttpAnswer> get(asio::io_context& io, const std::string& url, Duration within = 10s,
                             ByteCount limit = {1U << 20U})
{
    return run_task(io, wire::http_get(url, in(within), true, limit));
}

} // namespace

TEST_CASE("a GET gives status, type and body")
{
    asio::io_context io;
    CannedHttp http(io, CannedHttp::ok("{\"a\":1}"));
    const auto answer = get(io, http.url("/x?y=z"));
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
    CHECK(answer->content_type == "application/json");
    CHECK(answer->body == "{\"a\":1}");
    CHECK(http.request().starts_with("GET /x?y=z HTTP/1.1\r\nHost: 127.0.0.1:"));

    SECTION("a status of failure is an answer")
    {
        http.answer("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
        CHECK(get(io, http.url())->status == 503);
    }
    SECTION("chunks are joined")
    {
        http.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
        CHECK(get(io, http.url())->body == "abcde");
    }
    SECTION("a body without a length ends with the connection")
    {
        http.answer("HTTP/1.0 200 OK\r\n\r\nall of it");
        CHECK(get(io, http.url())->body == "all of it");
    }
}

TEST_CASE("what goes wrong is an error that names the URL")
{
    asio::io_context io;
    CannedHttp http(io, CannedHttp::ok(std::string(5000, 'x')));
    const auto error_of = [&io](const std::string& url, Duration within, ByteCount limit) {
        const auto answer = get(io, url, within, limit);
        REQUIRE(answer.has_error());
        CHECK(answer.error().message.find(url) != std::string::npos);
        return answer.error().message;
    };
    const ByteCount plenty{1U << 20U};

    SECTION("a body beyond the limit")
    {
        CHECK(error_of(http.url(), 10s, ByteCount{1000}).find("body limit") != std::string::npos);
    }
    SECTION("no HTTP at all")
    {
        http.answer("SSH-2.0-OpenSSH\r\n\r\n");
        error_of(http.url(), 10s, plenty);
    }
    SECTION("an answer cut short")
    {
        http.answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
        error_of(http.url(), 10s, plenty);
    }
    SECTION("nobody listens")
    {
        error_of(fmt::format("http://127.0.0.1:{}/", free_port()), 10s, plenty);
    }
    SECTION("a port that never answers: over at the deadline")
    {
        const SilentServer silent;
        const auto message = error_of(fmt::format("http://127.0.0.1:{}/", silent.port()), 100ms, plenty);
        CHECK(message.find("no answer in time") != std::string::npos);
    }
    SECTION("TLS with one that never shakes hands: over at the deadline")
    {
        const SilentServer silent;
        const auto message = error_of(fmt::format("https://127.0.0.1:{}/", silent.port()), 100ms, plenty);
        CHECK(message.find("no answer in time") != std::string::npos);
    }
}

TEST_CASE("200 GETs leave no descriptor behind")
{
    asio::io_context io;
    CannedHttp http(io, CannedHttp::ok("x"));
    const SilentServer silent;
    REQUIRE(get(io, http.url()).has_value());
    const auto before = open_files();
    for (int round = 0; round < 100; ++round) {
        CHECK(get(io, http.url()).has_value());
        CHECK_FALSE(get(io, fmt::format("http://127.0.0.1:{}/", silent.port()), 1ms).has_value());
    }
    CHECK(run_until(
        io, [&before] { return open_files() == before; }, 1s));
}
