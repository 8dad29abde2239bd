// Rooms with limits that no other test sets, over real sockets of one event loop.
#include "target/rooms.hpp"

#include "catch.hpp"

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <optional>

using namespace std::chrono_literals;

namespace squall::target {
namespace {

namespace websocket = boost::beast::websocket;
using Client = websocket::stream<boost::beast::tcp_stream>;

Task<void> serve_one(Rooms& rooms, asio::ip::tcp::acceptor& acceptor)
{
    auto connection = co_await acceptor.async_accept(asio::use_awaitable);
    boost::beast::flat_buffer buffer;
    Request request;
    co_await http::async_read(connection, buffer, request, asio::use_awaitable);
    std::string room = "a";
    auto serving = rooms.serve(std::move(connection), std::move(request), std::move(room));
    co_await std::move(serving);
}

Task<void> join(Client& client, asio::ip::tcp::endpoint server)
{
    co_await client.next_layer().async_connect(server, asio::use_awaitable);
    const std::string host = "localhost";
    const std::string path = "/ws/rooms/a";
    co_await client.async_handshake(host, path, asio::use_awaitable);
}

Task<error_code> read_to_the_end(Client& client)
{
    boost::beast::flat_buffer buffer;
    for (;;) {
        const auto [error, size] = co_await client.async_read(buffer, use_result);
        if (error) {
            co_return error;
        }
    }
}

/// One client in a room whose members live a tenth of a second.
struct World {
    World() : acceptor(context, {asio::ip::address_v4::loopback(), 0}), rooms(params()), client(context)
    {
        asio::co_spawn(context, rooms.run(), [](const std::exception_ptr&) {});
        asio::co_spawn(context, serve_one(rooms, acceptor), [this](const std::exception_ptr& thrown) {
            served = true;
            failed = thrown != nullptr;
        });
        asio::co_spawn(context, join(client, acceptor.local_endpoint()),
                       [this](const std::exception_ptr&) { joined = true; });
        run_until(joined);
    }
    static refkit::RegistryParams params()
    {
        refkit::RegistryParams params;
        params.ping_after = 1h;
        params.drop_after = 2h;
        params.max_age = 100ms;
        params.sweep_every = 1ms;
        return params;
    }
    void run_until(const bool& done)
    {
        while (!done && context.run_one_for(10s) > 0) {
        }
        REQUIRE(done);
    }

    asio::io_context context;
    asio::ip::tcp::acceptor acceptor;
    Rooms rooms;
    Client client;
    bool joined = false;
    bool served = false;
    bool failed = false;
};

} // namespace

TEST_CASE("a member that is too old is told to come back")
{
    World world;
    CHECK(world.rooms.sockets() == 1);
    std::optional<error_code> end;
    asio::co_spawn(world.context, read_to_the_end(world.client),
                   [&end](const std::exception_ptr&, error_code error) { end = error; });
    world.run_until(world.served);
    while (!end && world.context.run_one_for(10s) > 0) {
    }
    REQUIRE(end);
    CHECK(*end == websocket::error::closed);
    CHECK(world.client.reason().code == websocket::close_code::going_away);
    CHECK_FALSE(world.failed);
    CHECK(world.rooms.sockets() == 0);
    CHECK(world.rooms.registry().dropped_aged == 1);
}

TEST_CASE("a member that does not answer the goodbye is let go of all the same")
{
    World world; // its client reads nothing
    world.run_until(world.served);
    CHECK(world.rooms.sockets() == 0);
    CHECK(world.rooms.registry().left == 1);
    CHECK(world.rooms.counters().queued_bytes == 0);
}

} // namespace squall::target
