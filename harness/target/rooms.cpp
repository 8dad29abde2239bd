#include "target/rooms.hpp"

#include "target/room_socket.hpp"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/parse.hpp>

#include <random>

namespace squall::target {
namespace {

namespace websocket = boost::beast::websocket;

constexpr std::string_view prefix = "/ws/rooms/";
constexpr std::size_t longest_room_name = 64;
constexpr std::size_t message_limit = 64U << 10U;
constexpr Duration handshake_timeout = std::chrono::seconds(10);

bool is_for_all(std::string_view text)
{
    error_code error;
    const auto value = boost::json::parse({text.data(), text.size()}, error);
    return !error && value.is_object() && value.get_object().contains("say");
}

Task<void> refuse(RoomSocket& socket, unsigned version)
{
    http::response<http::string_body> answer(http::status::service_unavailable, version);
    answer.set(http::field::content_type, "application/json");
    answer.body() = R"({"error":"room_full"})";
    answer.keep_alive(false);
    answer.prepare_payload();
    socket.stream.next_layer().expires_after(handshake_timeout);
    co_await http::async_write(socket.stream.next_layer(), answer, use_result);
}

} // namespace

Rooms::Rooms(const refkit::RegistryParams& params) : registry_(params, Random(std::random_device{}())) {}

Rooms::~Rooms() = default;

RoomCounters Rooms::counters() const
{
    const auto entries = registry();
    auto counters = counters_;
    counters.dropped_silent = entries.dropped_silent;
    counters.dropped_slow = entries.dropped_slow;
    counters.refused = entries.refused_room_full + entries.refused_registry_full + entries.refused_closed;
    return counters;
}

std::optional<std::string> Rooms::room_of(std::string_view path)
{
    if (!path.starts_with(prefix)) {
        return std::nullopt;
    }
    path.remove_prefix(prefix.size());
    const bool named = !path.empty() && path.size() <= longest_room_name && path.find('/') == std::string_view::npos;
    return named ? std::optional<std::string>(path) : std::nullopt;
}

Task<void> Rooms::serve(asio::ip::tcp::socket connection, Request request, std::string room)
{
    const auto socket = std::make_shared<RoomSocket>(*this, std::move(connection), std::move(request));
    auto entered = registry_.enter(room, socket);
    if (!entered) {
        co_await refuse(*socket, socket->request.version());
        co_return;
    }
    socket->membership = std::move(*entered);
    bool in_order = false;
    try {
        in_order = co_await converse(socket, std::move(room));
    } catch (const boost::system::system_error&) {
        // Cancelled: the target stops.
    }
    if (seams.forgets(in_order)) {
        socket->close();
        socket->membership.leave();
    }
}

/// True when the member has left with a close frame.
Task<bool> Rooms::converse(std::shared_ptr<RoomSocket> socket, std::string room)
{
    auto& stream = socket->stream;
    websocket::permessage_deflate deflate;
    deflate.server_enable = true;
    stream.set_option(deflate);
    stream.read_message_max(message_limit);
    stream.control_callback(
        [&membership = socket->membership](websocket::frame_type, boost::beast::string_view) { membership.seen(); });
    stream.next_layer().expires_after(handshake_timeout);
    const auto [refused] = co_await stream.async_accept(socket->request, use_result);
    stream.next_layer().expires_never();
    if (!refused) {
        socket->open();
    }
    boost::beast::flat_buffer buffer;
    for (error_code error = refused; !error;) {
        const auto [failed, size] = co_await stream.async_read(buffer, use_result);
        error = failed;
        if (error) {
            co_return error == websocket::error::closed;
        }
        socket->membership.seen();
        ++counters_.messages_in;
        pass_on(*socket, room, boost::beast::buffers_to_string(buffer.data()), stream.got_text());
        buffer.consume(buffer.size());
    }
    co_return false;
}

void Rooms::pass_on(RoomSocket& from, const std::string& room, std::string text, bool is_text)
{
    const bool for_all = is_text && is_for_all(text);
    const auto message = std::make_shared<const RoomMessage>(RoomMessage{std::move(text), is_text});
    if (!for_all) {
        from.queue(message);
        return;
    }
    registry_.for_each_in(room, [&message](RoomSocket& member) { member.queue(message); });
}

Task<void> Rooms::run()
{
    if (seams.sweeps) {
        co_await registry_.run();
    }
}

} // namespace squall::target
