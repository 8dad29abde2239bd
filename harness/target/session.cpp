#include "target/session.hpp"

#include "target/router.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <utility>

namespace squall::target {
namespace {

constexpr std::size_t header_limit = 16U << 10U;
constexpr std::size_t body_limit = 64U << 10U;
constexpr Duration keep_alive_timeout = std::chrono::seconds(75);

http::status status_of(error_code error)
{
    if (error == http::error::body_limit) {
        return http::status::payload_too_large;
    }
    if (error == http::error::header_limit) {
        return http::status::request_header_fields_too_large;
    }
    return http::status::bad_request;
}

} // namespace

Session::Session(asio::ip::tcp::socket socket, Service& service)
    : stream_(std::move(socket)),
      buffer_(header_limit + body_limit),
      service_(service)
{}

void Session::finish()
{
    finishing_ = true;
    if (!busy_) {
        stream_.cancel();
    }
}

Task<void> Session::run()
{
    for (bool more = true; more && !finishing_;) {
        busy_ = buffer_.size() > 0;
        const bool begun = co_await wait_for_bytes();
        if (!begun) {
            break;
        }
        busy_ = true;
        Parser parser;
        parser.header_limit(header_limit);
        parser.body_limit(body_limit);
        const auto error = co_await read(parser);
        if (error) {
            co_await refuse(error);
            break;
        }
        const bool entered = co_await enter_room(parser.get());
        if (entered) {
            co_return;
        }
        more = co_await answer(parser.get());
    }
    error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    stream_.close();
}

void Session::limit_time()
{
    if (service_.request_timeout) {
        stream_.expires_after(*service_.request_timeout);
    } else {
        stream_.expires_never();
    }
}

/// A client may be silent between requests for longer than it may take over one.
Task<bool> Session::wait_for_bytes()
{
    if (buffer_.size() > 0) {
        co_return true;
    }
    stream_.expires_after(keep_alive_timeout);
    const auto space = buffer_.prepare(4096);
    const auto [error, size] = co_await stream_.async_read_some(space, use_result);
    buffer_.commit(size);
    co_return !error;
}

Task<error_code> Session::read(Parser& parser)
{
    limit_time();
    const auto [error, size] = co_await http::async_read(stream_, buffer_, parser, use_result);
    co_return error;
}

Task<bool> Session::enter_room(Request& request)
{
    const auto room = Rooms::room_of(path_of({request.target().data(), request.target().size()}));
    // Bytes behind the request would belong to a client that does not wait for the answer, as it must.
    if (!room || !boost::beast::websocket::is_upgrade(request) || buffer_.size() > 0) {
        co_return false;
    }
    service_.requests.record("/ws/rooms/{n}", 101, Duration{});
    stream_.expires_never();
    co_await service_.rooms.serve(stream_.release_socket(), std::move(request), *room);
    co_return true;
}

/// True when another request may follow.
Task<bool> Session::answer(const Request& request)
{
    const auto started = std::chrono::steady_clock::now();
    stream_.expires_never(); // handlers have deadlines of their own
    auto response = co_await dispatch(service_, request);
    const auto status = static_cast<unsigned>(response.status);
    service_.requests.record(route_name(request), status, std::chrono::steady_clock::now() - started);
    const bool keep_alive = request.keep_alive() && !finishing_;
    const bool written = co_await write(std::move(response), request.version(), keep_alive);
    co_return written&& keep_alive;
}

Task<bool> Session::write(Response response, unsigned version, bool keep_alive)
{
    http::response<http::string_body> message(response.status, version);
    message.set(http::field::content_type, response.content_type);
    if (!response.allow.empty()) {
        message.set(http::field::allow, response.allow);
    }
    if (!response.session.empty()) {
        message.set("Mcp-Session-Id", response.session);
    }
    if (response.retry_after) { // whole seconds, rounded up, as RFC 9110 has it
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(*response.retry_after).count();
        message.set(http::field::retry_after, std::to_string(seconds));
    }
    message.body() = std::move(response.body);
    message.keep_alive(keep_alive);
    message.prepare_payload();
    limit_time();
    const auto [error, size] = co_await http::async_write(stream_, message, use_result);
    response.held.reset();
    co_return !error;
}

/// What is not HTTP, or too large, is told so; a client that left or fell silent is not.
Task<void> Session::refuse(error_code error)
{
    if (error.category() != http::make_error_code(http::error::bad_version).category() ||
        error == http::error::end_of_stream || error == http::error::partial_message) {
        co_return;
    }
    const auto status = status_of(error);
    service_.requests.record("unmatched", static_cast<unsigned>(status), Duration{});
    constexpr unsigned http_1_1 = 11;
    co_await write(error_response(status, "bad_request"), http_1_1, false);
}

} // namespace squall::target
