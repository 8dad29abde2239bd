// Rooms from outside, with Beast as the client: who hears what, who is forgotten, and the two defects.
#include "integration/target/target_process.hpp"

#include <boost/beast/websocket.hpp>

#include <chrono>

using namespace squall::testing;

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

class Member {
public:
    Member(int port, const std::string& room) : stream_(io_)
    {
        stream_.next_layer().connect({asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)});
        const timeval patience{10, 0};
        setsockopt(stream_.next_layer().native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        stream_.handshake("127.0.0.1", "/ws/rooms/" + room, error);
    }
    void say(const std::string& text) { stream_.write(asio::buffer(text)); }
    std::string hear()
    {
        beast::flat_buffer buffer;
        stream_.read(buffer);
        return beast::buffers_to_string(buffer.data());
    }
    void close() { stream_.close(beast::websocket::close_code::normal); }
    void reset()
    {
        stream_.next_layer().set_option(asio::socket_base::linger(true, 0));
        stream_.next_layer().close();
    }

    boost::system::error_code error;

private:
    asio::io_context io_;
    beast::websocket::stream<asio::ip::tcp::socket> stream_;
};

double metric(const TargetProcess& target, const std::string& name)
{
    const auto text = target.client().get("/metrics").body;
    const auto at = text.find("\n" + name + " ");
    REQUIRE(at != std::string::npos);
    return std::stod(text.substr(at + name.size() + 2));
}

/// Whether the metric reaches the value within five seconds.
bool reaches(const TargetProcess& target, const std::string& name, double value)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (metric(target, name) != value) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
    }
    return true;
}

} // namespace

TEST_CASE("a room hears what is said to all, and its members alone")
{
    const PostgresServer postgres;
    const TargetProcess target(postgres.url(), {});
    Member one(target.port(), "a");
    Member two(target.port(), "a");
    Member other(target.port(), "b");
    REQUIRE_FALSE(one.error);
    CHECK(metric(target, "websocket_sockets") == 3);
    CHECK(metric(target, "websocket_rooms") == 2);
    one.say("just me");
    CHECK(one.hear() == "just me");
    one.say(R"({"say":"hello"})");
    CHECK(one.hear() == R"({"say":"hello"})");
    CHECK(two.hear() == R"({"say":"hello"})");
    other.say("still here");
    CHECK(other.hear() == "still here");
    one.close();
    two.reset();
    CHECK(reaches(target, "websocket_sockets", 1));

    SECTION("who answers no ping is dropped")
    {
        CHECK(reaches(target, "websocket_sockets", 0)); // nobody reads from `other`
    }
    SECTION("a full room refuses with 503")
    {
        std::vector<std::unique_ptr<Member>> many;
        for (int count = 0; count < 100; ++count) {
            many.push_back(std::make_unique<Member>(target.port(), "full"));
            REQUIRE_FALSE(many.back()->error);
        }
        CHECK(Member(target.port(), "full").error == beast::websocket::error::upgrade_declined);
    }
    SECTION("what is no upgrade and no room is answered as ever")
    {
        CHECK(target.client().get("/ws/rooms/a").status == 404);
    }
}

TEST_CASE("registry_never_forgets keeps those who leave without a close frame")
{
    const PostgresServer postgres;
    const TargetProcess target(postgres.url(), {"--defect", "registry_never_forgets"});
    const auto before = metric(target, "process_open_fds");
    {
        Member orderly(target.port(), "a");
        orderly.close();
    }
    for (int count = 0; count < 5; ++count) {
        Member(target.port(), "a").reset();
    }
    CHECK(reaches(target, "websocket_sockets", 5));
    CHECK(metric(target, "process_open_fds") >= before + 5);
}
