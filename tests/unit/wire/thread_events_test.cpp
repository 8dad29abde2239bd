#include "wire/flow.hpp"
#include "wire/thread_events.hpp"

#include "catch.hpp"
#include "run_task.hpp"

#include <array>
#include <optional>
#include <string>

#include <sys/socket.h>
#include <unistd.h>

using namespace std::chrono_literals;
using squall::error_code;
using squall::Instant;
using squall::wire::Flow;
using squall::wire::Pause;
using squall::wire::Socket;
using squall::wire::ThreadEvents;
using squall::wire::Watch;

namespace asio = squall::asio;
using asio::ip::tcp;

namespace {

/// An event loop and a server on loopback that only a test moves.
struct Loop {
    squall::SteadyClock clock;
    asio::io_context io{1};
    ThreadEvents events{io.get_executor(), clock};
    tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    Socket socket{events.readiness};
    bool done = false;

    void start(Flow<> flow)
    {
        done = false;
        squall::wire::start(std::move(flow), [this](std::exception_ptr thrown) {
            CHECK(!thrown);
            done = true;
        });
    }
    void run()
    {
        REQUIRE(squall::testing::run_until(io, [this] { return done; }));
    }
};

Flow<> connect(Socket& socket, tcp::endpoint address, error_code& result)
{
    result = socket.begin_connect(address);
    if (!result) {
        result = co_await socket.writable();
    }
    if (!result) {
        result = socket.connected();
    }
}

Flow<> read_line(Socket& socket, std::string& line)
{
    while (!line.ends_with('\n')) {
        char buffer[3];
        std::size_t count = 0;
        const auto done = socket.receive(buffer, sizeof buffer, count);
        if (done == Socket::Done::would_block) {
            const error_code aborted = co_await socket.readable();
            CHECK(!aborted);
        } else if (done == Socket::Done::failed || count == 0) {
            co_return;
        }
        line.append(buffer, count);
    }
}

Flow<> wait_readable(Socket& socket, error_code& result)
{
    result = co_await socket.readable();
}

Flow<> sleep(Pause& pause, Instant at, const squall::Clock& clock, Instant& woken)
{
    co_await pause.until(at);
    woken = clock.now();
}

} // namespace

TEST_CASE("a socket on the readiness of its thread")
{
    Loop loop;
    error_code result;
    loop.start(connect(loop.socket, loop.acceptor.local_endpoint(), result));
    loop.run();
    REQUIRE(!result);
    tcp::socket peer = loop.acceptor.accept();

    SECTION("waits for bytes however they are cut, and sees the end")
    {
        std::string line;
        loop.start(read_line(loop.socket, line));
        CHECK(!loop.done);
        asio::write(peer, asio::buffer("hello", 5));
        loop.io.restart();
        loop.io.poll();
        CHECK(!loop.done);
        asio::write(peer, asio::buffer(" world\n", 7));
        peer.close();
        loop.run();
        CHECK(line == "hello world\n");
        line.clear();
        loop.start(read_line(loop.socket, line));
        loop.run();
        CHECK(line.empty());
    }
    SECTION("that is closed wakes who waits in a later turn")
    {
        loop.start(wait_readable(loop.socket, result));
        loop.socket.close();
        CHECK(!loop.done);
        loop.run();
        CHECK(result == asio::error::operation_aborted);
    }
    SECTION("for which nobody waits keeps no io_context alive")
    {
        loop.io.restart();
        const auto begun = loop.clock.now();
        loop.io.run_for(10s);
        CHECK(loop.clock.now() - begun < 5s);
    }
    SECTION("writes until it would block, and is writable when the peer has read")
    {
        const std::string much(1U << 20U, 'x');
        std::size_t sent = 0;
        std::size_t total = 0;
        while (loop.socket.send(much.data(), much.size(), sent) == Socket::Done::yes) {
            total += sent;
        }
        CHECK(total > 0);
        CHECK(loop.socket.send(much.data(), much.size(), sent) == Socket::Done::would_block);
        CHECK(!loop.socket.writable().await_ready());
        std::string sink(total, ' ');
        asio::read(peer, asio::buffer(sink));
        loop.io.restart();
        loop.start([](Socket& socket) -> Flow<> { co_await socket.writable(); }(loop.socket));
        loop.run();
        CHECK(loop.socket.send(much.data(), 1, sent) == Socket::Done::yes);
    }
    SECTION("that nobody listens for is refused")
    {
        const auto address = loop.acceptor.local_endpoint();
        loop.acceptor.close();
        peer.close();
        loop.socket.close();
        loop.start(connect(loop.socket, address, result));
        loop.run();
        CHECK(result == asio::error::connection_refused);
    }
}

namespace {

Flow<> wait_for(Watch& watch, error_code& result)
{
    result = co_await watch.readable();
}

} // namespace

TEST_CASE("a descriptor of somebody else's is watched by its edges")
{
    Loop loop;
    Watch watch(loop.events.readiness);
    int ends[2] = {-1, -1};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    REQUIRE_FALSE(watch.follow(ends[0]));
    error_code result = asio::error::would_block;
    loop.start(wait_for(watch, result));
    loop.io.poll();
    CHECK_FALSE(loop.done);
    REQUIRE(::write(ends[1], "ab", 2) == 2);
    loop.io.restart();
    loop.run();
    CHECK_FALSE(result);

    SECTION("followed afresh, what is still unread is told again")
    {
        watch.reading();
        REQUIRE_FALSE(watch.follow(ends[0]));
        loop.start(wait_for(watch, result));
        loop.run();
        CHECK_FALSE(result);
    }
    SECTION("another descriptor of the same number, after the owner closed the first")
    {
        ::close(ends[0]);
        REQUIRE(::dup2(ends[1], ends[0]) == ends[0]); // its other end is gone: an end is an event
        REQUIRE_FALSE(watch.follow(ends[0]));
        loop.start(wait_for(watch, result));
        loop.run();
        CHECK_FALSE(result);
    }
    SECTION("forgotten, the flow that waits is told, and the owner's descriptor stays open")
    {
        watch.reading();
        loop.start(wait_for(watch, result));
        loop.io.restart();
        loop.io.poll();
        CHECK_FALSE(loop.done);
        watch.forget();
        loop.run();
        CHECK(result == asio::error::operation_aborted);
        CHECK(::write(ends[0], "c", 1) == 1);
    }
    watch.forget();
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST_CASE("a closed descriptor that a forked child still holds tells nothing to whom is watched in its place")
{
    Loop loop;
    std::optional<Watch> watch(std::in_place, loop.events.readiness);
    std::array<int, 2> old{};
    std::array<int, 2> young{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, old.data()) == 0);
    REQUIRE(!watch->follow(old[0]));
    const int held = ::dup(old[0]); // as a child does until it executes its program
    ::close(old[0]);
    watch->forget();

    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, young.data()) == 0);
    watch.emplace(loop.events.readiness); // where the other one was
    REQUIRE(!watch->follow(young[0]));
    error_code result;
    loop.start(wait_for(*watch, result));
    REQUIRE(::write(old[1], "x", 1) == 1);
    loop.io.restart();
    loop.io.poll();
    loop.io.poll();
    CHECK(!loop.done);
    REQUIRE(::write(young[1], "x", 1) == 1);
    loop.run();
    CHECK(!result);
    watch.reset();
    for (const int descriptor : {held, old[1], young[0], young[1]}) {
        ::close(descriptor);
    }
}

TEST_CASE("a pause")
{
    Loop loop;
    Pause pause(loop.events.timers);
    Instant woken{};
    const auto begun = loop.clock.now();

    SECTION("is never too short")
    {
        for (const auto length : {0us, 900us, 3000us, 70'000us}) {
            const auto at = loop.clock.now() + length;
            loop.start(sleep(pause, at, loop.clock, woken));
            loop.run();
            CHECK(woken >= at);
        }
    }
    SECTION("that is cancelled ends in a later turn and leaves no work")
    {
        loop.start(sleep(pause, begun + 1h, loop.clock, woken));
        pause.cancel();
        CHECK(!loop.done);
        loop.run();
        CHECK(woken < begun + 10s);
        loop.io.restart();
        loop.io.run_for(10s);
        CHECK(loop.clock.now() < begun + 5s);
    }
    SECTION("ends before one that is longer, whichever began first")
    {
        Pause longer(loop.events.timers);
        Instant later{};
        loop.start(sleep(longer, begun + 40ms, loop.clock, later));
        loop.start(sleep(pause, begun + 5ms, loop.clock, woken));
        loop.io.run();
        CHECK(woken < later);
        CHECK(later >= begun + 40ms);
    }
}
