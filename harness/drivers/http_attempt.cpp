// One attempt at one request: connect where needed, send, read the answer.
#include "drivers/http_exchange.hpp"

#include <boost/beast/http/error.hpp>

namespace squall::drivers {
namespace {

using measure::ErrorKind;

constexpr Duration idle_before_check = std::chrono::milliseconds(100);
constexpr std::size_t most_pending_bytes = 2U * header_limit;

std::string peer_of(const wire::Url& url)
{
    return fmt::format("{}:{}", url.host, url.port);
}

} // namespace

Task<Failure> HttpClient::State::attempt(HttpConnection& connection, Hop hop, bool keep_body, HttpExchange& exchange)
{
    stale_ = false;
    answer_.clear();
    if (connection.is_open() && exchange.started - connection.last_used >= idle_before_check && connection.is_stale()) {
        connection.close();
    }
    const bool kept = connection.is_open();
    if (!kept) {
        Failure failure = co_await open(connection, exchange);
        if (failure) {
            connection.close();
            co_return failure;
        }
    }
    stage_ = Stage::exchanging;
    const auto begun = context_.clock.now();
    const error_code send_error = co_await send(connection, hop, exchange);
    const auto sent = context_.clock.now();
    exchange.phases.sending += sent - begun;
    if (send_error || abort_ != Abort::none) {
        connection.close();
        stale_ = kept && is_disconnect(send_error);
        co_return abort_ == Abort::none ? transfer_failure(send_error, false) : abort_failure();
    }
    const auto received_before = exchange.bytes_received;
    Failure failure = co_await read_answer(connection, {keep_body, hop.method == "HEAD"}, sent, exchange);
    if (failure) {
        stale_ = kept && exchange.bytes_received == received_before;
        connection.close();
    }
    connection.last_used = context_.clock.now();
    co_return failure;
}

Task<error_code> HttpClient::State::send(HttpConnection& connection, Hop hop, HttpExchange& exchange)
{
    cookie_value_.clear();
    if (cookies && !has_header(hop, "cookie")) {
        cookies->append_header(*hop.url, std::chrono::system_clock::now(), cookie_value_);
    }
    write_request(hop, cookie_value_, context_.request_bytes);
    exchange.bytes_sent += context_.request_bytes.size();
    return connection.send(context_.request_bytes);
}

Task<Failure> HttpClient::State::open(HttpConnection& connection, HttpExchange& exchange)
{
    const auto begun = context_.clock.now();
    Failure failure = co_await connect(connection);
    exchange.phases.connecting += context_.clock.now() - begun;
    if (failure) {
        co_return failure;
    }
    exchange.new_connection = true;
    if (connection.origin().secure()) {
        stage_ = Stage::handshaking;
        const auto connected = context_.clock.now();
        const std::optional<std::string> refused = co_await connection.handshake(context_.tls);
        exchange.phases.tls_handshaking += context_.clock.now() - connected;
        if (abort_ != Abort::none) {
            co_return abort_failure();
        }
        if (refused) {
            co_return Failure{ErrorKind::tls, fmt::format("TLS with {}: {}", peer_of(connection.origin()), *refused)};
        }
    }
    connection.established();
    co_return Failure{};
}

Task<Failure> HttpClient::State::connect(HttpConnection& connection)
{
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

Task<Failure> HttpClient::State::look_up(HttpConnection& connection)
{
    const auto& origin = connection.origin();
    // A coroutine of its own, so that close() can stop it: the lookup does not hang on a socket.
    const auto [thrown, found] =
        co_await asio::co_spawn(executor_, wire::resolve(origin.host, origin.port, deadline_),
                                asio::bind_cancellation_slot(lookup_cancel_.slot(), use_result));
    if (abort_ != Abort::none) {
        co_return abort_failure();
    }
    if (thrown || found.has_error()) {
        const error_code error = thrown ? error_code(asio::error::host_not_found) : found.error();
        co_return lookup_failure(error, origin.host);
    }
    connection.addresses = found.value();
    co_return Failure{};
}

Task<Failure> HttpClient::State::read_answer(HttpConnection& connection, AnswerKind kind, Instant sent,
                                             HttpExchange& exchange)
{
    std::optional<AnswerParser> parser;
    parser.emplace(answer_, kind);
    pending_.clear();
    Failure failure;
    std::optional<Instant> first_byte;
    while (!failure && !parser->is_done()) {
        std::string_view received;
        const error_code error = co_await connection.receive(context_.read_buffer, received);
        if (abort_ != Abort::none) {
            failure = abort_failure();
        } else if (error) {
            failure = end_of_answer(*parser, error, first_byte.has_value());
        } else {
            if (!first_byte) {
                first_byte = context_.clock.now();
            }
            exchange.bytes_received += received.size();
            failure = feed(parser, kind, received);
        }
    }
    const auto ended = context_.clock.now();
    exchange.phases.waiting += first_byte.value_or(ended) - sent;
    exchange.phases.receiving += ended - first_byte.value_or(ended);
    // Bytes behind the answer belong to no request.
    if (!failure && (!parser->keep_alive() || !pending_.empty() || answer_.status == 101)) {
        connection.close();
    }
    co_return failure;
}

Failure HttpClient::State::end_of_answer(AnswerParser& parser, const error_code& error, bool begun)
{
    if (!begun || !is_end(error)) {
        return transfer_failure(error, begun);
    }
    // An answer without a length ends with its connection.
    error_code incomplete;
    parser.put_eof(incomplete);
    return incomplete ? answer_failure(incomplete) : Failure{};
}

Failure HttpClient::State::feed(std::optional<AnswerParser>& parser, AnswerKind kind, std::string_view data)
{
    std::string joined;
    if (!pending_.empty()) {
        joined = std::move(pending_);
        joined.append(data);
        data = joined;
        pending_.clear();
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
            parser.emplace(answer_, kind);
        }
    }
    if (data.size() > most_pending_bytes && !parser->is_done()) {
        return {ErrorKind::response_too_large, "the answer's chunk headers are larger than 64 KiB"};
    }
    pending_.assign(data);
    return {};
}

} // namespace squall::drivers
