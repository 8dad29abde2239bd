// The WebSocket client against Beast's server, and against servers that break the rules.
#include "client_fixture.hpp"
#include "drivers/websocket_client.hpp"
#include "scripted_server.hpp"

#include "catch.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <dirent.h>

#include <thread>

namespace squall::drivers {
namespace {

namespace beast = boost::beast;
using measure::ErrorKind;

std::size_t open_files()
{
    std::size_t count = 0;
    DIR* folder = ::opendir("/proc/self/fd");
    while (::readdir(folder) != nullptr) {
        ++count;
    }
    ::closedir(folder);
    return count;
}

/// Echoes messages with Beast, one thread a connection; "bye" makes it close, "big" sends 100,000 bytes.
class BeastServer {
public:
    explicit BeastServer(bool deflate = false)
        : acceptor_(io_, {asio::ip::make_address("127.0.0.1"), 0}),
          thread_([this, deflate] { accept_all(deflate); })
    {}
    ~BeastServer()
    {
        stopping_ = true;
        asio::ip::tcp::socket last(io_);
        error_code ignored;
        last.connect(acceptor_.local_endpoint(), ignored);
        thread_.join();
        for (auto& session : sessions_) {
            session.join();
        }
    }
    [[nodiscard]] std::string url() const
    {
        return fmt::format("ws://127.0.0.1:{}/", acceptor_.local_endpoint().port());
    }
    std::atomic<int> normal{0};
    std::atomic<int> broken{0};
    std::atomic<int> ended{0};

private:
    void accept_all(bool deflate)
    {
        for (;;) {
            asio::ip::tcp::socket socket(io_);
            error_code ignored;
            acceptor_.accept(socket, ignored);
            if (stopping_) {
                return;
            }
            sessions_.emplace_back([this, deflate, socket = std::move(socket)]() mutable {
                serve(beast::websocket::stream<asio::ip::tcp::socket>(std::move(socket)), deflate);
            });
        }
    }
    void serve(beast::websocket::stream<asio::ip::tcp::socket> stream, bool deflate)
    {
        beast::websocket::permessage_deflate offer;
        offer.server_enable = deflate;
        stream.set_option(offer);
        error_code error;
        stream.accept(error);
        while (!error) {
            beast::flat_buffer buffer;
            stream.read(buffer, error);
            if (error) {
                break;
            }
            const auto text = beast::buffers_to_string(buffer.data());
            if (text == "bye") {
                stream.close({beast::websocket::close_code::going_away, "so long"}, error);
                break;
            }
            stream.text(stream.got_text());
            stream.write(asio::buffer(text == "big" ? std::string(100000, 'x') : text), error);
        }
        ++(error == beast::websocket::error::closed ? normal : broken);
        ++ended;
    }

    asio::io_context io_;
    asio::ip::tcp::acceptor acceptor_;
    std::atomic<bool> stopping_{false};
    std::list<std::thread> sessions_;
    std::thread thread_;
};

class SocketFixture : public ClientFixture, public WebSocketEvents {
public:
    explicit SocketFixture(const std::string& url, std::uint64_t limit = 1U << 20U)
        : url_(wire::parse_url(url).value()),
          shared(context, 1),
          socket(std::make_unique<WebSocketClient>(shared, *this, url_, limit))
    {}
    ~SocketFixture() override { finish(); }

    Opening open(bool deflate = false, Duration timeout = std::chrono::seconds(5))
    {
        Opening opening;
        bool done = false;
        const WebSocketRequest request{&url_, {}, subprotocols, deflate};
        const auto now = clock.now();
        wire::start(socket->open(request, {now, now + timeout}, opening), [&](std::exception_ptr) { done = true; });
        run([&] { return done; });
        if (!opening.failure) {
            socket->start_reading();
        }
        return opening;
    }
    template <typename Condition>
    void run(Condition done)
    {
        REQUIRE(testing_run(done));
    }
    void finish()
    {
        socket->close();
        run([this] { return !socket->is_busy(); });
    }
    void on_message(std::string_view payload, bool text) override
    {
        messages.emplace_back(payload);
        last_is_text = text;
    }
    void on_pong(std::string_view payload) override { pongs.emplace_back(payload); }
    void on_change() override {}

private:
    template <typename Condition>
    bool testing_run(Condition done)
    {
        const auto end = clock.now() + std::chrono::seconds(10);
        io.restart();
        while (!done()) {
            if (io.run_one_until(end) == 0) {
                return done();
            }
        }
        return true;
    }
    wire::Url url_;

public:
    WebSocketContext shared;
    std::unique_ptr<WebSocketClient> socket;
    std::vector<std::string> subprotocols;
    std::vector<std::string> messages;
    std::vector<std::string> pongs;
    bool last_is_text = false;
};

/// How a handshake with a server that does this ends.
Failure failure_with(ScriptedServer::Script script, Duration timeout = std::chrono::seconds(5))
{
    ScriptedServer server(std::move(script));
    SocketFixture fixture(fmt::format("ws://127.0.0.1:{}/", server.port()));
    return fixture.open(false, timeout).failure;
}

/// Answers a handshake rightly and then sends `bytes`.
ScriptedServer::Script upgrade_and_send(std::string bytes)
{
    return [bytes = std::move(bytes)](Peer& peer) {
        const auto request = peer.request().value_or("");
        const auto at = request.find("sec-websocket-key: ") + 19;
        WebSocketKey key{};
        request.copy(key.data(), key.size(), at);
        const auto accept = accept_of(key);
        peer.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Accept: " +
                  std::string(accept.data(), accept.size()) + "\r\n\r\n" + bytes);
        peer.wait_for_end();
    };
}

/// How a socket ends whose server sends these bytes.
Failure end_after(std::string bytes)
{
    ScriptedServer server(upgrade_and_send(std::move(bytes)));
    SocketFixture fixture(fmt::format("ws://127.0.0.1:{}/", server.port()));
    const auto opening = fixture.open();
    REQUIRE(opening.failure.text.empty());
    fixture.run([&] { return fixture.socket->is_over() || fixture.socket->has_server_closed(); });
    return fixture.socket->end();
}

} // namespace

TEST_CASE("a WebSocket with Beast's server")
{
    const bool deflate = GENERATE(false, true);
    BeastServer server(deflate);
    SocketFixture fixture(server.url());
    const auto opening = fixture.open(deflate);
    INFO(opening.failure.text);
    REQUIRE_FALSE(opening.failure);
    CHECK(opening.status == 101);
    CHECK(opening.new_connection);
    CHECK(opening.phases.connecting > Duration::zero());
    CHECK(opening.phases.waiting > Duration::zero());

    SECTION("messages come back as they were sent")
    {
        fixture.socket->send(Opcode::text, "gr\xC3\xBC\xC3\x9F");
        fixture.socket->send(Opcode::binary, std::string(70000, '\xFF'));
        fixture.run([&] { return fixture.messages.size() == 2; });
        CHECK(fixture.messages[0] == "gr\xC3\xBC\xC3\x9F");
        CHECK(fixture.messages[1] == std::string(70000, '\xFF'));
        CHECK_FALSE(fixture.last_is_text);
    }
    SECTION("a ping is answered with its payload")
    {
        fixture.socket->send(Opcode::ping, "12345678");
        fixture.run([&] { return !fixture.pongs.empty(); });
        CHECK(fixture.pongs[0] == "12345678");
    }
    SECTION("more than the socket takes at once arrives whole")
    {
        const std::string large(1U << 20U, 'z');
        fixture.socket->send(Opcode::binary, large);
        fixture.run([&] { return fixture.messages.size() == 1; });
        CHECK(fixture.messages[0] == large);
        CHECK_FALSE(fixture.socket->is_congested());
    }
    SECTION("leaving with the closing handshake is normal to the server")
    {
        fixture.socket->begin_close();
        fixture.run([&] { return fixture.socket->is_over(); });
        CHECK(fixture.socket->has_server_closed());
        CHECK_FALSE(fixture.socket->end());
        while (server.ended == 0) {
            std::this_thread::yield();
        }
        CHECK(server.normal == 1);
    }
    SECTION("RST is not")
    {
        fixture.socket->reset();
        while (server.ended == 0) {
            std::this_thread::yield();
        }
        CHECK(server.broken == 1);
    }
    SECTION("of one who vanishes the server sees nothing until the socket is let go")
    {
        fixture.socket->vanish();
        fixture.run([&] { return !fixture.socket->is_busy(); });
        CHECK(fixture.shared.http.vanished.size() == 1);
        CHECK(server.ended == 0);
        fixture.shared.http.vanished.release();
        while (server.ended == 0) {
            std::this_thread::yield();
        }
        CHECK(server.broken == 1);
    }
    SECTION("a close of the server's own is an end with its code and reason")
    {
        fixture.socket->send(Opcode::text, "bye");
        fixture.run([&] { return fixture.socket->is_over(); });
        CHECK(fixture.socket->end().kind == ErrorKind::connection_closed);
        CHECK(fixture.socket->end().text.find("1001: so long") != std::string::npos);
    }
}

TEST_CASE("a message above the limit ends the WebSocket")
{
    BeastServer server;
    SocketFixture fixture(server.url(), 1000);
    REQUIRE_FALSE(fixture.open().failure);
    fixture.socket->send(Opcode::text, "big");
    fixture.run([&] { return fixture.socket->is_over(); });
    CHECK(fixture.socket->end().kind == ErrorKind::response_too_large);
}

TEST_CASE("handshakes that go wrong have each their kind of error")
{
    CHECK(failure_with(send_and_close("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")).kind ==
          ErrorKind::upgrade_refused);
    CHECK(failure_with(send_and_close("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")).kind ==
          ErrorKind::upgrade_refused);
    CHECK(failure_with(send_and_close("HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso")).kind ==
          ErrorKind::connection_closed);
    CHECK(failure_with(send_and_close("")).kind == ErrorKind::connection_closed);
    CHECK(failure_with(send_and_close("\x16\x03\x01 this is no HTTP\r\n\r\n")).kind == ErrorKind::malformed_response);
    CHECK(failure_with(send_and_close("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                      "Connection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n"))
              .kind == ErrorKind::websocket_protocol);
    CHECK(failure_with([](Peer& peer) { peer.reset(); }).kind == ErrorKind::connection_reset);
    CHECK(failure_with([](Peer& peer) { peer.wait_for_end(); }, std::chrono::milliseconds(50)).kind ==
          ErrorKind::timeout);
    CHECK(failure_with([](Peer& peer) {
              peer.request();
              peer.send("HTTP/1.1 101 Switching Protocols\r\n");
              const auto line = "x: " + std::string(1000, 'y') + "\r\n";
              for (int count = 0; count < 300; ++count) {
                  peer.send(line);
              }
              peer.wait_for_end();
          }).kind == ErrorKind::response_too_large);

    SECTION("also nobody there")
    {
        SocketFixture fixture("ws://127.0.0.1:1/");
        CHECK(fixture.open().failure.kind == ErrorKind::connection_refused);
    }
}

TEST_CASE("what breaks an open WebSocket has its kind of error")
{
    const std::string gigabyte("\x82\x7F\x00\x00\x00\x00\x40\x00\x00\x00", 10);
    CHECK(end_after(gigabyte + "0123456789").kind == ErrorKind::response_too_large);
    CHECK(end_after("GET / HTTP/1.1\r\n\r\n").kind == ErrorKind::websocket_protocol);
    CHECK(end_after(std::string("\x88\x02\x03\xE8", 4)).kind == ErrorKind::connection_closed);
    CHECK(end_after("\x81\x01\xFF").kind == ErrorKind::websocket_protocol);
}

TEST_CASE("no way of leaving leaves a descriptor behind")
{
    BeastServer server;
    const auto before = open_files();
    {
        SocketFixture fixture(server.url());
        for (int round = 0; round < 60; ++round) {
            REQUIRE_FALSE(fixture.open().failure);
            switch (round % 3) {
            case 0:
                fixture.socket->begin_close();
                fixture.run([&] { return fixture.socket->is_over(); });
                break;
            case 1:
                fixture.socket->reset();
                break;
            default:
                fixture.socket->vanish();
            }
            fixture.run([&] { return !fixture.socket->is_busy(); });
            fixture.socket =
                std::make_unique<WebSocketClient>(fixture.shared, fixture, wire::parse_url(server.url()).value(), 1000);
        }
    }
    while (server.ended < 60) {
        std::this_thread::yield();
    }
    CHECK(open_files() == before);
}

} // namespace squall::drivers
