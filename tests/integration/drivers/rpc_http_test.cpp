// JSON-RPC by POST, with a server that says exactly what a test wants.
#include "drivers/rpc_http.hpp"

#include "client_fixture.hpp"
#include "scripted_server.hpp"

#include "catch.hpp"

#include <boost/json.hpp>

#include <fmt/format.h>

namespace squall::drivers {
namespace {

using measure::ErrorKind;

class RpcFixture : public ClientFixture {
public:
    RpcFixture() : rpc(context, true) {}

    RpcExchange call(const std::string& url, std::string_view method, bool notification = false)
    {
        RpcExchange exchange;
        const auto parsed = wire::parse_url(url).value();
        const RpcRequest request{method, {}, notification};
        const auto now = clock.now();
        run(rpc.call(parsed, {}, request, {now, now + std::chrono::seconds(10)}, exchange));
        return exchange;
    }
    RpcExchange stop(const std::string& url)
    {
        RpcExchange exchange;
        const auto parsed = wire::parse_url(url).value();
        const auto now = clock.now();
        run(rpc.stop(parsed, {}, {now, now + std::chrono::seconds(10)}, exchange));
        return exchange;
    }

    RpcHttp rpc;

private:
    void run(wire::Flow<> flow)
    {
        bool done = false;
        wire::start(std::move(flow), [&done](std::exception_ptr) { done = true; });
        io.restart();
        while (!done) {
            io.run_one();
        }
    }
};

std::string with_status(std::string_view status, std::string_view body)
{
    return fmt::format("HTTP/1.1 {}\r\ncontent-length: {}\r\n\r\n{}", status, body.size(), body);
}

} // namespace

TEST_CASE("a session over HTTP begins with initialize, goes with every request, and ends with DELETE")
{
    std::vector<std::string> seen;
    ScriptedServer server([&seen](Peer& peer) {
        seen.push_back(peer.request().value_or(""));
        peer.answer(R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18"}})",
                    "Mcp-Session-Id: s-7\r\nContent-Type: application/json\r\n");
        seen.push_back(peer.request().value_or(""));
        peer.send("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n");
        seen.push_back(peer.request().value_or(""));
        peer.answer(R"({"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"no"}})");
        seen.push_back(peer.request().value_or(""));
        peer.answer("");
    });
    RpcFixture fixture;
    const auto url = server.url("/mcp");
    CHECK(fixture.call(url, "initialize").failure.text == "");
    CHECK(fixture.call(url, "notifications/initialized", true).failure.text == "");
    const auto wrong = fixture.call(url, "tools/call");
    CHECK(wrong.failure.kind == ErrorKind::rpc_error);
    CHECK(wrong.answer->at_pointer("/error/code") == -32602);
    CHECK(fixture.stop(url).failure.text == "");
    CHECK(fixture.stop(url).failure.text == ""); // there is none any more: nothing is sent

    REQUIRE(seen.size() == 4);
    CHECK(seen[0].find("accept: application/json, text/event-stream\r\n") != std::string::npos);
    CHECK(seen[0].find("mcp-session-id") == std::string::npos);
    CHECK(seen[1].find("mcp-session-id: s-7\r\n") != std::string::npos);
    CHECK(seen[1].find("mcp-protocol-version: 2025-06-18\r\n") != std::string::npos);
    CHECK(seen[2].find(R"("id":2,"method":"tools/call")") != std::string::npos);
    CHECK(seen[3].starts_with("DELETE /mcp "));
    CHECK(seen[3].find("mcp-session-id: s-7\r\n") != std::string::npos);
}

TEST_CASE("an answer in an event stream is the first message with the call's id")
{
    ScriptedServer server(
        always_answer("event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}\n\n"
                      ": still here\n\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\ndata: \"result\":{\"a\":1}}\n\n",
                      "Content-Type: text/event-stream\r\n"));
    RpcFixture fixture;
    const auto answered = fixture.call(server.url(), "tools/call");
    REQUIRE(answered.failure.text == "");
    CHECK(answered.answer->at_pointer("/result/a") == 1);
}

TEST_CASE("what is no answer over HTTP is an error of a named kind")
{
    const std::vector<std::pair<std::string, ErrorKind>> bad{
        {with_status("200 OK", "<html>"), ErrorKind::rpc_protocol},
        {with_status("200 OK", ""), ErrorKind::rpc_protocol},
        {with_status("200 OK", R"({"jsonrpc":"2.0","id":5,"result":1})"), ErrorKind::rpc_protocol},
        {with_status("404 Not Found", R"({"error":"no_session"})"), ErrorKind::status},
        {with_status("502 Bad Gateway", "<html>"), ErrorKind::status},
        {with_status("400 Bad Request", R"({"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"x"}})"),
         ErrorKind::rpc_error},
        {"nonsense\r\n\r\n", ErrorKind::malformed_response},
    };
    for (const auto& [bytes, kind] : bad) {
        CAPTURE(bytes);
        ScriptedServer server(send_and_close(bytes));
        RpcFixture fixture;
        CHECK(fixture.call(server.url(), "ping").failure.kind == kind);
    }
}

} // namespace squall::drivers
