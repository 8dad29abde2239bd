// One attempt at one request: connect where needed, send, read the answer.
#include "drivers/http_exchange.hpp"

#include "wire/flow_bridge.hpp"

#include <boost/beast/http/error.hpp>

namespace squall::drivers {
namespace {

using measure::ErrorKind;
using Done = Stream::Done;

constexpr Duration idle_before_check = std::chrono::milliseconds(100);
constexpr std::size_t most_pending_bytes = 2U * header_limit;

std::string peer_of(const Origin& origin)
{
    return fmt::format("{}:{}", origin.host, origin.port);
}

} // namespace

wire::Flow<Failure> HttpClient::State::attempt(Stream& connection, const Hop& hop, Wanted wanted,
                                               HttpExchange& exchange)
{
    const bool kept = is_kept(connection, exchange);
    if (!kept) {
        Failure failure = co_await open(connection, exchange);
        if (failure) {
            co_return failure;
        }
    }
    stage_ = Stage::exchanging;
    std::string_view unsent = bytes_of(hop);
    exchange.bytes_sent += unsent.size();
    auto done = connection.send_now(unsent);
    error_code error = done == Done::failed ? connection.error() : error_code();
    if (done != Done::failed && !unsent.empty()) {
        error = co_await connection.send_rest(unsent);
    }
    pass(exchange, exchange.phases.sending);
    if (error || abort_ != Abort::none) {
        stale_ = kept && is_disconnect(error);
        co_return broken(connection, error);
    }
    std::string_view received;
    done = connection.receive_now(context_.read_buffer, received);
    if (done == Done::would_block && !connection.origin().secure()) {
        error = co_await connection.readable();
        done = error ? Done::failed : connection.receive_now(context_.read_buffer, received);
    }
    if (done == Done::would_block) {
        error = co_await connection.receive(context_.read_buffer, received);
    } else if (done == Done::failed && !error) {
        error = connection.error();
    }
    pass(exchange, exchange.phases.waiting);
    if (error || abort_ != Abort::none) {
        stale_ = kept;
        co_return broken(connection, error);
    }
    exchange.bytes_received += received.size();
    Failure failure;
    if (!take_plain(received, wanted, connection, exchange)) {
        failure = co_await parse_answer(connection, wanted.kind, received, exchange);
        pass(exchange, exchange.phases.receiving);
    }
    connection.last_used = exchange.ended;
    co_return failure;
}

bool HttpClient::State::is_kept(Stream& connection, HttpExchange& exchange)
{
    stale_ = false;
    exchange.status = 0;
    forget_answer();
    if (connection.is_open() && exchange.ended - connection.last_used >= idle_before_check && connection.is_stale()) {
        connection.close();
    }
    return connection.is_open();
}

void HttpClient::State::pass(HttpExchange& exchange, Duration& phase) const
{
    const auto now = context_.clock.now();
    phase += now - exchange.ended;
    exchange.ended = now;
}

Failure HttpClient::State::broken(Stream& connection, const error_code& error)
{
    connection.close();
    return abort_ == Abort::none ? transfer_failure(error, false) : abort_failure();
}

std::string_view HttpClient::State::bytes_of(const Hop& hop)
{
    auto& cookie = context_.cookie_value;
    cookie.clear();
    const bool own_cookie = hop.prepared != nullptr ? hop.prepared->has_cookie : has_header(hop, "cookie");
    if (cookies && cookies->size() > 0 && !own_cookie) {
        cookies->append_header(*hop.url, std::chrono::system_clock::now(), cookie);
    }
    if (hop.prepared != nullptr) {
        return with_cookie(*hop.prepared, cookie, context_.request_bytes);
    }
    write_request(hop, cookie, context_.request_bytes);
    return context_.request_bytes;
}

wire::Flow<Failure> HttpClient::State::open(Stream& connection, HttpExchange& exchange)
{
    Failure failure = co_await connect(connection);
    pass(exchange, exchange.phases.connecting);
    if (!failure) {
        exchange.new_connection = true;
        if (connection.origin().secure()) {
            stage_ = Stage::handshaking;
            const std::optional<std::string> refused = co_await connection.handshake(context_.tls, "http/1.1");
            pass(exchange, exchange.phases.tls_handshaking);
            if (abort_ != Abort::none) {
                failure = abort_failure();
            } else if (refused) {
                failure = {ErrorKind::tls, fmt::format("TLS with {}: {}", peer_of(connection.origin()), *refused)};
            }
        }
    }
    if (failure) {
        connection.close();
    } else {
        connection.established();
    }
    co_return failure;
}

wire::Flow<Failure> HttpClient::State::connect(Stream& connection)
{
    const auto& origin = connection.origin();
    if (const auto literal = wire::literal_endpoint(origin.host, origin.port)) {
        connection.addresses.assign(1, *literal);
    }
    if (connection.addresses.empty()) {
        stage_ = Stage::resolving;
        Failure failure = co_await look_up(connection);
        if (failure) {
            co_return failure;
        }
    }
    stage_ = Stage::connecting;
    const error_code error = co_await connection.connect();
    if (abort_ != Abort::none) {
        co_return abort_failure();
    }
    co_return error ? connect_failure(error, peer_of(connection.origin())) : Failure{};
}

wire::Flow<Failure> HttpClient::State::look_up(Stream& connection)
{
    const auto& origin = connection.origin();
    std::optional<boost::system::result<wire::Endpoints>> found;
    try {
        // A coroutine of its own, so that close() can stop it: the lookup does not hang on a socket.
        auto addresses = co_await wire::TaskInFlow(
            context_.events.executor(), wire::resolve(origin.host, origin.port, deadline_), lookup_cancel_.slot());
        found.emplace(std::move(addresses));
    } catch (const boost::system::system_error&) {
        found.emplace(error_code(asio::error::host_not_found)); // cancelled
    }
    if (abort_ != Abort::none) {
        co_return abort_failure();
    }
    if (found->has_error()) {
        co_return lookup_failure(found->error(), origin.host);
    }
    connection.addresses = found->value();
    co_return Failure{};
}

wire::Flow<Failure> HttpClient::State::parse_answer(Stream& connection, AnswerKind kind, std::string_view received,
                                                    HttpExchange& exchange)
{
    auto& space = answer_space();
    space.pending.clear();
    std::optional<AnswerParser> parser;
    parser.emplace(space.message, kind);
    Failure failure = feed(parser, kind, received);
    while (!failure && !parser->is_done()) {
        const error_code error = co_await connection.receive(context_.read_buffer, received);
        if (abort_ != Abort::none) {
            failure = abort_failure();
        } else if (error) {
            failure = end_of_answer(*parser, error);
        } else {
            exchange.bytes_received += received.size();
            failure = feed(parser, kind, received);
        }
    }
    exchange.status = space.message.status;
    exchange.headers = &space.message.headers;
    // Bytes behind the answer belong to no request.
    if (failure || !parser->keep_alive() || !space.pending.empty() || exchange.status == 101) {
        connection.close();
    }
    co_return failure;
}

Failure HttpClient::State::end_of_answer(AnswerParser& parser, const error_code& error)
{
    if (!is_end(error)) {
        return transfer_failure(error, true);
    }
    // An answer without a length ends with its connection.
    error_code incomplete;
    parser.put_eof(incomplete);
    return incomplete ? answer_failure(incomplete) : Failure{};
}

bool HttpClient::State::take_plain(std::string_view received, const Wanted& wanted, Stream& connection,
                                   HttpExchange& exchange)
{
    if (wanted.headers || wanted.kind.answers_head) {
        return false;
    }
    const auto plain = context_.scanner.scan(received, wanted.scan);
    if (!plain) {
        return false;
    }
    exchange.status = plain->status;
    if (wanted.kind.keep_body) {
        answer_space().message.body.assign(plain->body);
    }
    if (!plain->keep_alive) {
        connection.close();
    }
    return true;
}

Failure HttpClient::State::feed(std::optional<AnswerParser>& parser, AnswerKind kind, std::string_view data)
{
    std::string joined;
    auto& [message, pending, decoded] = *answer_;
    if (!pending.empty()) {
        joined = std::move(pending);
        joined.append(data);
        data = joined;
        pending.clear();
    }
    while (!data.empty() && !parser->is_done()) {
        error_code error;
        data.remove_prefix(parser->put(asio::buffer(data), error));
        if (error == boost::beast::http::error::need_more) {
            break;
        }
        if (error) {
            return answer_failure(error);
        }
        if (parser->is_interim()) {
            parser.emplace(message, kind);
        }
    }
    if (data.size() > most_pending_bytes && !parser->is_done()) {
        return {ErrorKind::response_too_large, "the answer's chunk headers are larger than 64 KiB"};
    }
    pending.assign(data);
    return {};
}

} // namespace squall::drivers
