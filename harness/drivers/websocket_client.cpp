#include "drivers/websocket_client.hpp"

#include "base/assert.hpp"

#include <utility>

namespace squall::drivers {
namespace {

using measure::ErrorKind;
using Done = Stream::Done;

constexpr int most_reads_in_a_row = 8;
constexpr std::size_t most_unsent_bytes = std::size_t{16} * 1024 * 1024;

} // namespace

WebSocketClient::WebSocketClient(WebSocketContext& context, WebSocketEvents& owner, const wire::Url& url,
                                 std::uint64_t message_limit)
    : context_(context),
      owner_(owner),
      stream_(context.http.events, url),
      reader_({message_limit, nullptr}),
      message_limit_(message_limit)
{}

WebSocketClient::~WebSocketClient()
{
    SQUALL_ASSERT(!is_busy());
    context_.http.events.timers.cancel(*this);
}

// ---- sending
// ----------------------------------------------------------------------------------------------------------

void WebSocketClient::send(Opcode opcode, std::string_view payload)
{
    if (over_ || closing_) {
        return;
    }
    const bool is_data = opcode == Opcode::text || opcode == Opcode::binary;
    context_.frame.clear();
    context_.compressed.clear();
    const bool compressed = deflates_ && is_data && context_.deflate.compress(payload, context_.compressed);
    append_frame(opcode, compressed ? context_.compressed : payload, static_cast<std::uint32_t>(context_.random()),
                 compressed, context_.frame);
    queue();
}

void WebSocketClient::begin_close()
{
    if (over_ || closing_) {
        return;
    }
    context_.frame.clear();
    append_close(close_normal, static_cast<std::uint32_t>(context_.random()), context_.frame);
    queue();
    closing_ = true;
}

/// Sends what stands in the scratch frame, or keeps it.
void WebSocketClient::queue()
{
    const std::string_view frame = context_.frame;
    const bool first = unsent_.empty();
    if (unsent_.size() + frame.size() > most_unsent_bytes) {
        finish({ErrorKind::timeout, "the server takes nothing: 16 MiB that were to be sent to it have piled up"});
        return;
    }
    if (stream_.origin().secure()) {
        unsent_.append(frame);
        if (!writing_) {
            writing_ = true;
            wire::start(write_all(), [this](std::exception_ptr thrown) {
                writing_ = false;
                if (thrown) {
                    finish({ErrorKind::internal, "writing to the WebSocket failed in the harness itself"});
                }
                owner_.on_change();
            });
        }
        return;
    }
    std::string_view left = frame;
    if (first && stream_.send_now(left) == Done::failed) {
        finish(transfer_failure(stream_.error(), true));
        return;
    }
    if (!left.empty()) {
        unsent_.append(left);
        stream_.also_when_writable();
    }
}

void WebSocketClient::flush()
{
    std::string_view left = unsent_;
    const auto done = stream_.send_now(left);
    if (done == Done::failed) {
        finish(transfer_failure(stream_.error(), true));
        return;
    }
    unsent_.erase(0, unsent_.size() - left.size());
    if (unsent_.empty()) {
        unsent_ = {};
        owner_.on_change();
    }
}

wire::Flow<> WebSocketClient::write_all()
{
    while (!unsent_.empty() && !over_) {
        const std::string batch = std::move(unsent_);
        unsent_.clear();
        const error_code error = co_await stream_.send_rest(batch);
        if (error) {
            finish(transfer_failure(error, true));
        }
    }
}

// ---- receiving
// --------------------------------------------------------------------------------------------------------

void WebSocketClient::start_reading()
{
    if (over_ || reading_) {
        return;
    }
    reading_ = true;
    take(std::exchange(early_, {}));
    wire::start(stream_.origin().secure() ? read_secure() : read_plain(), [this](std::exception_ptr thrown) {
        reading_ = false;
        if (thrown) {
            finish({ErrorKind::internal, "reading from the WebSocket failed in the harness itself"});
        }
        owner_.on_change();
    });
}

// As long as the socket is held its frame is, so that TLS, which needs more of it, has a flow of its own.
wire::Flow<> WebSocketClient::read_plain()
{
    for (int reads = 1; !over_;) {
        std::string_view received;
        const auto done = stream_.receive_now(context_.http.read_buffer, received);
        if (done == Done::failed) {
            finish(transfer_failure(stream_.error(), true));
        } else if (done == Done::yes) {
            take(received);
            if (reads++ % most_reads_in_a_row == 0) {
                co_await stream_.give_way();
            }
        } else if (unsent_.empty()) {
            static_cast<void>(co_await stream_.readable()); // closed meanwhile: then it is over
        } else {
            static_cast<void>(co_await stream_.readable_or_writable());
        }
        if (!over_ && !unsent_.empty()) {
            flush();
        }
    }
}

wire::Flow<> WebSocketClient::read_secure()
{
    for (int reads = 1; !over_; ++reads) {
        std::string_view received;
        const error_code error = co_await stream_.receive(context_.http.read_buffer, received);
        if (over_) {
            break;
        }
        if (error) {
            finish(transfer_failure(error, true));
            break;
        }
        take(received);
        if (reads % most_reads_in_a_row == 0) {
            co_await stream_.give_way();
        }
    }
}

void WebSocketClient::take(std::string_view received)
{
    while (!over_) {
        const auto event = reader_.next(received);
        if (event == MessageReader::Event::more) {
            break;
        }
        handle(event);
    }
}

void WebSocketClient::handle(MessageReader::Event event)
{
    using Event = MessageReader::Event;
    switch (event) {
    case Event::text:
    case Event::binary:
        if (!server_closed_) {
            owner_.on_message(reader_.payload(), event == Event::text);
        }
        break;
    case Event::ping:
        send(Opcode::pong, reader_.payload());
        break;
    case Event::pong:
        owner_.on_pong(reader_.payload());
        break;
    case Event::close:
        answer_close();
        break;
    default:
        context_.frame.clear();
        append_close(reader_.fault_code(), static_cast<std::uint32_t>(context_.random()), context_.frame);
        if (!closing_) {
            queue();
        }
        finish({reader_.fault() == MessageReader::Fault::too_large ? ErrorKind::response_too_large
                                                                   : ErrorKind::websocket_protocol,
                std::string(reader_.fault_text())});
    }
}

void WebSocketClient::answer_close()
{
    server_closed_ = true;
    if (!closing_) {
        const auto code = reader_.close_code();
        end_ = std::make_unique<Failure>(ErrorKind::connection_closed,
                                         fmt::format("the server closed the WebSocket with code {}{}{}", code,
                                                     reader_.payload().empty() ? "" : ": ", reader_.payload()));
        begin_close();
    }
    owner_.on_change();
}

// ---- ending
// -----------------------------------------------------------------------------------------------------------

void WebSocketClient::finish(Failure failure)
{
    if (over_) {
        return;
    }
    over_ = true;
    if (!server_closed_ && !end_ && failure) {
        end_ = std::make_unique<Failure>(std::move(failure));
    }
    unsent_ = {};
    stream_.close();
    owner_.on_change();
}

void WebSocketClient::close()
{
    if (opening_ && abort_ == Abort::none) {
        abort(Abort::closed);
    } else if (!opening_) {
        over_ = true;
        unsent_ = {};
        stream_.close();
    }
}

void WebSocketClient::reset()
{
    over_ = true;
    unsent_ = {};
    stream_.reset();
}

void WebSocketClient::vanish()
{
    over_ = true;
    unsent_ = {};
    if (const auto descriptor = stream_.abandon()) {
        context_.http.vanished.keep(*descriptor);
    }
}

} // namespace squall::drivers
