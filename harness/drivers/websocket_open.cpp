// The opening of a WebSocket: name lookup, TCP, TLS, upgrade, each timed.
#include "drivers/answer_parser.hpp"
#include "drivers/websocket_client.hpp"
#include "wire/flow_bridge.hpp"

#include <boost/beast/http/error.hpp>

namespace squall::drivers {
namespace {

using measure::ErrorKind;
using Done = Stream::Done;

std::string peer_of(const Origin& origin)
{
    return fmt::format("{}:{}", origin.host, origin.port);
}

/// An answer's space, given back at the end.
class BorrowedSpace {
public:
    explicit BorrowedSpace(HttpContext& context) : context_(context)
    {
        auto& idle = context_.idle_spaces;
        if (idle.empty()) {
            space_ = std::make_unique<AnswerSpace>();
        } else {
            space_ = std::move(idle.back());
            idle.pop_back();
        }
    }
    ~BorrowedSpace()
    {
        space_->clear();
        context_.idle_spaces.push_back(std::move(space_));
    }
    BorrowedSpace(const BorrowedSpace&) = delete;
    BorrowedSpace& operator=(const BorrowedSpace&) = delete;

    AnswerSpace& operator*() { return *space_; }

private:
    HttpContext& context_;
    std::unique_ptr<AnswerSpace> space_;
};

/// Gives the parser all that has come of the answer; what lies behind it is left in `space.pending`.
Failure feed(AnswerParser& parser, AnswerSpace& space)
{
    std::string_view data = space.pending;
    Failure failure;
    while (!data.empty() && !parser.is_done() && !failure) {
        error_code error;
        const auto used = parser.put(asio::buffer(data), error);
        data.remove_prefix(used);
        if (error == boost::beast::http::error::need_more) {
            break;
        }
        if (error) {
            failure = answer_failure(error);
        }
        if (used == 0) {
            break;
        }
    }
    space.pending.erase(0, space.pending.size() - data.size());
    if (!failure && !parser.is_done() && space.pending.size() > 2U * header_limit) {
        failure = {ErrorKind::response_too_large, "the answer's headers are larger than 64 KiB"};
    }
    return failure;
}

} // namespace

wire::Flow<> WebSocketClient::open(const WebSocketRequest& request, ExchangeTimes times, Opening& opening)
{
    opening_ = true;
    opening.started = times.start;
    opening.ended = times.start;
    deadline_ = times.deadline;
    if (auto wrong = wrong_header(request)) {
        opening.failure = {ErrorKind::internal, std::move(*wrong)};
    } else {
        context_.http.events.timers.set(*this, times.deadline);
        opening.failure = co_await connect(opening);
        if (!opening.failure) {
            opening.failure = co_await upgrade(request, opening);
        }
        context_.http.events.timers.cancel(*this);
    }
    opening_ = false;
    if (opening.failure) {
        over_ = true;
        stream_.close();
    } else {
        stream_.established();
        stream_.addresses = {}; // it is never connected again
    }
}

wire::Flow<Failure> WebSocketClient::connect(Opening& opening)
{
    const auto& origin = stream_.origin();
    Failure failure;
    if (const auto literal = wire::literal_endpoint(origin.host, origin.port)) {
        stream_.addresses.assign(1, *literal);
    } else {
        failure = co_await look_up();
        if (failure) {
            co_return failure;
        }
    }
    stage_ = Stage::connecting;
    const error_code error = co_await stream_.connect();
    pass(opening, opening.phases.connecting);
    if (abort_ != Abort::none) {
        co_return abort_failure();
    }
    if (error) {
        co_return connect_failure(error, peer_of(origin));
    }
    opening.new_connection = true;
    if (origin.secure()) {
        stage_ = Stage::handshaking;
        const std::optional<std::string> refused = co_await stream_.handshake(context_.http.tls, "http/1.1");
        pass(opening, opening.phases.tls_handshaking);
        if (abort_ != Abort::none) {
            co_return abort_failure();
        }
        if (refused) {
            co_return Failure{ErrorKind::tls, fmt::format("TLS with {}: {}", peer_of(origin), *refused)};
        }
    }
    co_return failure;
}

wire::Flow<Failure> WebSocketClient::look_up()
{
    stage_ = Stage::resolving;
    const auto& origin = stream_.origin();
    asio::cancellation_signal cancel;
    lookup_ = &cancel;
    std::optional<boost::system::result<wire::Endpoints>> found;
    try {
        auto addresses = co_await wire::TaskInFlow(context_.http.events.executor(),
                                                   wire::resolve(origin.host, origin.port, deadline_), cancel.slot());
        found.emplace(std::move(addresses));
    } catch (const boost::system::system_error&) {
        found.emplace(error_code(asio::error::host_not_found)); // cancelled
    }
    lookup_ = nullptr;
    if (abort_ != Abort::none) {
        co_return abort_failure();
    }
    if (found->has_error()) {
        co_return lookup_failure(found->error(), origin.host);
    }
    stream_.addresses = found->value();
    co_return Failure{};
}

wire::Flow<Failure> WebSocketClient::upgrade(const WebSocketRequest& request, Opening& opening)
{
    stage_ = Stage::upgrading;
    const auto key = make_websocket_key(context_.random);
    write_upgrade(request, key, context_.frame);
    std::string_view unsent = context_.frame;
    opening.bytes_sent += unsent.size();
    const auto done = stream_.send_now(unsent);
    error_code error = done == Done::failed ? stream_.error() : error_code();
    if (done != Done::failed && !unsent.empty()) {
        error = co_await stream_.send_rest(unsent);
    }
    pass(opening, opening.phases.sending);
    if (error || abort_ != Abort::none) {
        co_return abort_ == Abort::none ? transfer_failure(error, false) : abort_failure();
    }
    std::string_view received;
    error = co_await stream_.receive(context_.http.read_buffer, received);
    if (error || abort_ != Abort::none) {
        co_return abort_ == Abort::none ? transfer_failure(error, false) : abort_failure();
    }
    // Only from here on: one who waits for an answer holds no memory for it.
    BorrowedSpace space(context_.http);
    Failure failure = co_await read_answer(*space, received, opening);
    pass(opening, opening.phases.waiting);
    if (failure) {
        co_return failure;
    }
    auto agreement = check_upgrade(request, key, (*space).message.status, (*space).message.headers);
    if (agreement.failure) {
        co_return std::move(agreement.failure);
    }
    opening.subprotocol = std::move(agreement.subprotocol);
    reader_ = MessageReader({message_limit_, agreement.deflate ? &context_.deflate : nullptr});
    early_.assign((*space).pending); // as small as it is
    deflates_ = agreement.deflate;
    co_return Failure{};
}

/// Up to the end of the headers: the body of a refusal is not waited for.
wire::Flow<Failure> WebSocketClient::read_answer(AnswerSpace& space, std::string_view received, Opening& opening)
{
    opening.bytes_received += received.size();
    space.pending.assign(received);
    std::optional<AnswerParser> parser;
    parser.emplace(space.message, AnswerKind{});
    Failure failure = feed(*parser, space);
    for (;;) {
        while (!failure && parser->is_interim()) {
            parser.emplace(space.message, AnswerKind{});
            failure = feed(*parser, space);
        }
        if (failure || parser->is_header_done()) {
            break;
        }
        const error_code error = co_await stream_.receive(context_.http.read_buffer, received);
        if (abort_ != Abort::none) {
            co_return abort_failure();
        }
        if (error) {
            co_return transfer_failure(error, opening.bytes_received > 0);
        }
        opening.bytes_received += received.size();
        space.pending.append(received);
        failure = feed(*parser, space);
    }
    opening.status = space.message.status;
    co_return failure;
}

void WebSocketClient::pass(Opening& opening, Duration& phase) const
{
    const auto now = context_.http.clock.now();
    phase += now - opening.ended;
    opening.ended = now;
}

Failure WebSocketClient::abort_failure() const
{
    if (abort_ == Abort::closed) {
        return {ErrorKind::cancelled, "the WebSocket was given up by its user"};
    }
    switch (stage_) {
    case Stage::resolving:
        return {ErrorKind::dns, "the name lookup took longer than the step's timeout"};
    case Stage::connecting:
        return {ErrorKind::connect_timeout, "connecting took longer than the step's timeout"};
    case Stage::handshaking:
        return {ErrorKind::timeout, "the TLS handshake took longer than the step's timeout"};
    case Stage::upgrading:
        break;
    }
    return {ErrorKind::timeout, "the answer to the WebSocket handshake took longer than the step's timeout"};
}

void WebSocketClient::abort(Abort reason)
{
    abort_ = reason;
    if (lookup_ != nullptr) {
        lookup_->emit(asio::cancellation_type::terminal);
    }
    stream_.close();
}

void WebSocketClient::on_time()
{
    if (opening_ && abort_ == Abort::none) {
        abort(Abort::deadline);
    }
}

} // namespace squall::drivers
