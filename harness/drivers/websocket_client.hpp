// One WebSocket of one virtual user (RFC 6455): opened, held, left in one of three ways.
#pragma once

#include "drivers/exchange.hpp"
#include "drivers/http_client.hpp"
#include "drivers/message_deflate.hpp"
#include "drivers/stream.hpp"
#include "drivers/websocket_frames.hpp"
#include "drivers/websocket_handshake.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace squall::drivers {

/// What the WebSockets of one engine thread share. Not thread-safe: one a thread; must outlive its clients.
struct WebSocketContext {
    WebSocketContext(HttpContext& http_context, std::uint64_t seed) : http(http_context), random(seed) {}

    HttpContext& http;
    Random random; // of keys and masks
    MessageDeflate deflate;
    // Scratch, used only between two awaits.
    std::string frame;
    std::string compressed;
};

/// How the opening handshake went; waiting is from the request to the answer's end.
struct Opening : Exchange {
    Failure failure;
    int status = 0; // 0: no answer
    std::string subprotocol;
};

/// Told what happens on an open socket, on its thread. None of these may destroy the client.
class WebSocketEvents {
public:
    virtual ~WebSocketEvents() = default;
    virtual void on_message(std::string_view payload, bool text) = 0;
    virtual void on_pong(std::string_view payload) = 0;
    /// The server's close frame has come, all that was to be sent has been taken, or everything has ended: what the
    /// owner waits for may be true now.
    virtual void on_change() = 0;
};

/// Pings are answered, a close frame is answered, and whatever the server breaks ends the socket with a failure: a
/// message above the limit is response_too_large, broken rules are websocket_protocol, an end without a close frame is
/// connection_closed or connection_reset, as is a close frame that nobody asked for.
///
/// Lives on its context's thread. Must not be destroyed while is_busy(): close it and wait for on_change().
class WebSocketClient final : private wire::TimedAction {
public:
    WebSocketClient(WebSocketContext& context, WebSocketEvents& owner, const wire::Url& url,
                    std::uint64_t message_limit);
    ~WebSocketClient() override;

    /// Connects and shakes hands; `opening.failure` says what went wrong. Request and opening must live as long.
    wire::Flow<> open(const WebSocketRequest& request, ExchangeTimes times, Opening& opening);

    /// From now on what the server sends is read and told. Without it nothing is read and no ping is answered.
    void start_reading();

    /// The payload goes at once, or as soon as the server takes it.
    void send(Opcode opcode, std::string_view payload);
    /// Something that was to be sent has not been taken yet.
    [[nodiscard]] bool is_congested() const { return !unsent_.empty(); }

    /// Sends the close frame; its answer is told by on_change() and has_server_closed().
    void begin_close();
    [[nodiscard]] bool has_server_closed() const { return server_closed_; }

    /// Ends it at once: with FIN, with RST, or so that the server sees nothing.
    void close();
    void reset();
    void vanish();

    /// Nothing more will be told or sent.
    [[nodiscard]] bool is_over() const { return over_; }
    /// Why it ended; no failure when that was this side's wish.
    [[nodiscard]] Failure end() const { return end_ ? *end_ : Failure{}; }
    /// A flow of it still runs.
    [[nodiscard]] bool is_busy() const { return opening_ || reading_ || writing_; }

private:
    enum class Stage : std::uint8_t { resolving, connecting, handshaking, upgrading };
    enum class Abort : std::uint8_t { none, deadline, closed };

    wire::Flow<Failure> connect(Opening& opening);
    wire::Flow<Failure> look_up();
    wire::Flow<Failure> upgrade(const WebSocketRequest& request, Opening& opening);
    wire::Flow<Failure> read_answer(AnswerSpace& space, std::string_view received, Opening& opening);
    void pass(Opening& opening, Duration& phase) const;
    [[nodiscard]] Failure abort_failure() const;
    void abort(Abort reason);
    void on_time() override;

    wire::Flow<> read_plain();
    wire::Flow<> read_secure();
    wire::Flow<> write_all(); // over TLS
    void take(std::string_view received);
    void handle(MessageReader::Event event);
    void answer_close();
    void flush();
    void queue();
    void finish(Failure failure);

    WebSocketContext& context_;
    WebSocketEvents& owner_;
    Stream stream_;
    MessageReader reader_;
    std::uint64_t message_limit_;
    std::string early_; // frames that came with the handshake's answer
    std::string unsent_;
    std::unique_ptr<const Failure> end_;          // null: no failure
    asio::cancellation_signal* lookup_ = nullptr; // while a name is looked up
    Instant deadline_;
    Stage stage_ = Stage::connecting;
    Abort abort_ = Abort::none;
    bool deflates_ = false;
    bool opening_ = false;
    bool reading_ = false;
    bool writing_ = false;
    bool closing_ = false;       // our close frame has been sent
    bool server_closed_ = false; // theirs has come
    bool over_ = false;
};

} // namespace squall::drivers
