// A WebSocket server with rooms: a registry of connections, and a rate for what each client says. Its three clients of
// the same process show what it does.
#include "refkit/limiter/gcra.hpp"
#include "refkit/registry/connection_registry.hpp"

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <chrono>
#include <cstdio>
#include <deque>
#include <exception>
#include <memory>
#include <random>
#include <string>
#include <utility>

using namespace squall;
using namespace std::chrono_literals;

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using Stream = websocket::stream<beast::tcp_stream>;
using Request = http::request<http::empty_body>;

void rethrow(const std::exception_ptr& thrown)
{
    if (thrown) {
        std::rethrow_exception(thrown);
    }
}

/// One client: what the registry asks of it, and what waits to be sent to it.
class Session : public std::enable_shared_from_this<Session> {
public:
    explicit Session(tcp::socket socket) : stream(std::move(socket))
    {
        // Also what bounds the goodbye of drop().
        stream.set_option(websocket::stream_base::timeout{2s, websocket::stream_base::none(), false});
    }

    void ping()
    {
        stream.async_ping({}, [self = shared_from_this()](error_code) {});
    }
    void drop(refkit::DropReason reason)
    {
        if (reason == refkit::DropReason::silent || !stream.is_open()) {
            stream.next_layer().close();
            return;
        }
        const auto code = reason == refkit::DropReason::slow ? websocket::close_code::policy_error
                                                             : websocket::close_code::going_away;
        stream.async_close(code, [self = shared_from_this()](error_code) {});
    }
    void send(std::string text)
    {
        waiting_.push_back(std::move(text));
        if (waiting_.size() > most_waiting) {
            membership.drop(refkit::DropReason::slow);
        } else if (waiting_.size() == 1) {
            write_next();
        }
    }

    Stream stream;
    refkit::Membership membership;
    refkit::Gcra rate{refkit::GcraParams{.calls = 5, .period = 1s, .burst = 5}};

private:
    static constexpr std::size_t most_waiting = 100;

    void write_next()
    {
        stream.async_write(asio::buffer(waiting_.front()), [self = shared_from_this()](error_code error, std::size_t) {
            self->waiting_.pop_front();
            if (!error && !self->waiting_.empty()) {
                self->write_next();
            }
        });
    }

    std::deque<std::string> waiting_;
};

using Rooms = refkit::ConnectionRegistry<Session>;

Task<void> refuse(std::shared_ptr<Session> session, Request request, std::string why)
{
    http::response<http::string_body> answer(http::status::service_unavailable, request.version(), std::move(why));
    answer.prepare_payload();
    session->stream.next_layer().expires_after(2s);
    co_await http::async_write(session->stream.next_layer(), answer, use_result);
}

/// Everybody in the room hears what one says, up to five times a second.
Task<void> converse(Rooms& rooms, std::shared_ptr<Session> session, std::string room)
{
    beast::flat_buffer buffer;
    for (;;) {
        const auto [error, size] = co_await session->stream.async_read(buffer, use_result);
        if (error) {
            co_return;
        }
        session->membership.seen();
        const auto text = beast::buffers_to_string(buffer.data());
        buffer.consume(size);
        if (const auto admitted = session->rate.try_acquire(std::chrono::steady_clock::now())) {
            rooms.for_each_in(room, [&text](Session& member) { member.send(text); });
        } else {
            session->send("wait for " + format_duration(*admitted.error().retry_after));
        }
    }
}

Task<void> serve(Rooms& rooms, tcp::socket socket)
{
    const auto session = std::make_shared<Session>(std::move(socket));
    auto& connection = session->stream.next_layer();
    connection.expires_after(5s);
    beast::flat_buffer buffer;
    Request request;
    const auto [unread, read] = co_await http::async_read(connection, buffer, request, use_result);
    if (unread) {
        co_return;
    }
    std::string room(request.target());
    auto place = rooms.enter(room, session);
    if (!place) {
        std::string why = place.error().code().message();
        co_await refuse(session, std::move(request), std::move(why));
        co_return;
    }
    session->membership = std::move(*place);
    connection.expires_never(); // from here the stream has timeouts of its own
    session->stream.control_callback([&session](auto, auto) { session->membership.seen(); });
    const auto [unwilling] = co_await session->stream.async_accept(request, use_result);
    if (!unwilling) {
        co_await converse(rooms, session, std::move(room));
    }
    session->membership.leave(); // the registry lets go of the session
}

Task<void> listen(Rooms& rooms, tcp::acceptor& acceptor)
{
    for (;;) {
        auto [error, socket] = co_await acceptor.async_accept(use_result);
        if (error) {
            co_return;
        }
        const auto executor = socket.get_executor();
        asio::co_spawn(executor, serve(rooms, std::move(socket)), rethrow);
    }
}

/// True when the server let it in.
Task<bool> join(Stream& client, tcp::endpoint server)
{
    co_await client.next_layer().async_connect(server, use_result);
    const std::string host = "localhost";
    const std::string room = "/lobby";
    const auto [error] = co_await client.async_handshake(host, room, use_result);
    co_return !error;
}

/// What it hears; empty when the connection has ended.
Task<std::string> hear(Stream& client)
{
    client.next_layer().expires_after(5s);
    beast::flat_buffer buffer;
    const auto [error, size] = co_await client.async_read(buffer, use_result);
    co_return error ? std::string() : beast::buffers_to_string(buffer.data());
}

Task<void> say(Stream& client, std::string text)
{
    co_await client.async_write(asio::buffer(text), use_result);
}

Task<void> day(Rooms& rooms, tcp::acceptor& acceptor, bool& good)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto server = acceptor.local_endpoint();
    Stream ann(executor);
    Stream ben(executor);
    Stream cem(executor);
    const bool ann_is_in = co_await join(ann, server);
    const bool ben_is_in = co_await join(ben, server);
    const bool cem_is_in = co_await join(cem, server);
    good = ann_is_in && ben_is_in && !cem_is_in;
    std::printf("ann and ben are in, cem is %s\n", cem_is_in ? "too" : "refused: the room is full");

    for (int i = 0; i < 6; ++i) {
        co_await say(ann, "hello " + std::to_string(i));
    }
    std::string heard;
    for (int i = 0; i < 6; ++i) {
        heard = co_await hear(ann);
    }
    std::printf("ann said six things at once; to the last she heard: %s\n", heard.c_str());
    const auto first = co_await hear(ben);
    good = good && heard.starts_with("wait for") && first == "hello 0";

    // Each client answers the goodbye when it reads it.
    asio::co_spawn(executor, rooms.drain(2s),
                   [&good](const std::exception_ptr& thrown, bool all_left) { good = good && !thrown && all_left; });
    for (auto* client : {&ann, &ben}) {
        do {
            heard = co_await hear(*client);
        } while (!heard.empty());
        good = good && client->reason().code == websocket::close_code::going_away;
        std::printf("the server closes: %u\n", static_cast<unsigned>(client->reason().code));
    }
    acceptor.close();
}

} // namespace

int main()
{
    asio::io_context context(1);
    refkit::RegistryParams params;
    params.most_in_room = 2;
    Rooms rooms(params, Random(std::random_device{}()));
    tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});

    bool good = false;
    asio::co_spawn(context, rooms.run(), rethrow); // until it is drained
    asio::co_spawn(context, listen(rooms, acceptor), rethrow);
    asio::co_spawn(context, day(rooms, acceptor, good), rethrow);
    context.run();
    const auto stats = rooms.stats();
    std::printf("%llu entered, %llu left, %llu refused\n", static_cast<unsigned long long>(stats.entered),
                static_cast<unsigned long long>(stats.left), static_cast<unsigned long long>(stats.refused_room_full));
    return good && stats.members == 0 ? 0 : 1;
}
