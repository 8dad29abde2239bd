#include "wire/http_get.hpp"

#include "base/text.hpp"
#include "wire/resolve.hpp"
#include "wire/url.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

namespace squall::wire {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;

using Parser = http::response_parser<http::string_body>;

Error explain(const std::string& url, std::string_view doing, const error_code& error)
{
    if (error == beast::error::timeout || error == asio::error::timed_out) {
        return fail("{}: no answer in time while {}", redact(url), doing);
    }
    return fail("{}: {} failed: {}", redact(url), doing, error.message());
}

/// Sends the request and reads the answer; the deadline is the stream's.
template <typename Stream>
Task<error_code> exchange(Stream& stream, const std::string& method, const Url& url, Parser& parser)
{
    http::request<http::empty_body> request;
    request.method_string(method);
    request.target(url.target);
    request.set(http::field::host, url.authority());
    request.set(http::field::user_agent, "squall");
    request.set(http::field::accept, "*/*");
    request.set(http::field::connection, "close");
    request.prepare_payload();
    const auto [write_error, written] = co_await http::async_write(stream, request, use_result);
    if (write_error) {
        co_return write_error;
    }
    beast::flat_buffer buffer;
    const auto [read_error, read] = co_await http::async_read(stream, buffer, parser, use_result);
    co_return read_error;
}

error_code configure(ssl::context& context, bool verify)
{
    error_code error;
    if (verify) {
        context.set_default_verify_paths(error);
        context.set_verify_mode(ssl::verify_peer);
    } else {
        context.set_verify_mode(ssl::verify_none);
    }
    return error;
}

/// TLS over an open connection, then the exchange.
Task<error_code> exchange_secure(beast::tcp_stream& connected, const std::string& method, const Url& url, bool verify,
                                 Parser& parser)
{
    ssl::context context(ssl::context::tls_client);
    const auto configured = configure(context, verify);
    if (configured) {
        co_return configured;
    }
    ssl::stream<beast::tcp_stream&> stream(connected, context);
    if (verify) {
        stream.set_verify_callback(ssl::host_name_verification(url.host));
    }
    error_code no_literal;
    static_cast<void>(asio::ip::make_address(url.host, no_literal));
    if (no_literal) { // RFC 6066, 3: an address is no server name
        SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str());
    }
    const auto [error] = co_await stream.async_handshake(ssl::stream_base::client, use_result);
    if (error) {
        co_return error;
    }
    co_return co_await exchange(stream, method, url, parser);
}

} // namespace

Task<Result<HttpAnswer>> http_get(std::string url, Instant deadline, bool verify_tls, ByteCount limit)
{
    auto answer = co_await http_request("GET", std::move(url), deadline, verify_tls, limit);
    co_return answer;
}

Task<Result<HttpAnswer>> http_request(std::string method, std::string url, Instant deadline, bool verify_tls,
                                      ByteCount limit)
{
    const auto parsed = parse_url(url);
    if (!parsed) {
        co_return parsed.error();
    }
    const auto endpoints = co_await resolve(parsed->host, parsed->port, deadline);
    if (!endpoints) {
        co_return explain(url, "looking up the host", endpoints.error());
    }
    beast::tcp_stream stream(co_await asio::this_coro::executor);
    stream.expires_at(deadline);
    const auto [connect_error, peer] = co_await stream.async_connect(*endpoints, use_result);
    if (connect_error) {
        co_return explain(url, "connecting", connect_error);
    }
    Parser parser;
    parser.body_limit(limit.bytes);
    error_code error;
    if (parsed->secure()) {
        error = co_await exchange_secure(stream, method, *parsed, verify_tls, parser);
    } else {
        error = co_await exchange(stream, method, *parsed, parser);
    }
    if (error) {
        co_return explain(url, "reading the answer", error);
    }
    auto response = parser.release();
    const auto content_type = response[http::field::content_type];
    HttpAnswer answer;
    answer.status = static_cast<int>(response.result_int());
    answer.content_type.assign(content_type.data(), content_type.size());
    answer.body = std::move(response.body());
    co_return answer;
}

} // namespace squall::wire
