#include "drivers/connection_pool.hpp"

#include "wire/thread_events.hpp"

#include "catch.hpp"

#include <string>

using namespace std::chrono_literals;

namespace squall::drivers {
namespace {

struct Context {
    int made = 0;
};
struct Connection {
    explicit Connection(Context& context) : number(++context.made) {}
    void close() { closed = true; }
    int number;
    bool closed = false;
};
using Pool = ConnectionPool<Connection, Context>;

/// A pool of two, and users who say what they got.
struct Users {
    SteadyClock clock;
    asio::io_context io{1};
    wire::ThreadEvents events{io.get_executor(), clock};
    Context context;
    Pool pool{context, 2};
    std::string told;

    wire::Flow<> want(Pool::Turn& turn, char name, Duration patience)
    {
        const auto* connection = co_await pool.acquire(turn, clock.now() + patience);
        told += name;
        told += connection == nullptr ? std::string("-") : std::to_string(connection->number);
    }
    void start(Pool::Turn& turn, char name, Duration patience = 10s)
    {
        wire::start(want(turn, name, patience), [](std::exception_ptr thrown) { CHECK(!thrown); });
    }
    void settle()
    {
        io.restart();
        io.run();
    }
};

} // namespace

TEST_CASE("shared connections")
{
    Users users;
    Pool::Turn a(users.events.timers);
    Pool::Turn b(users.events.timers);
    Pool::Turn c(users.events.timers);
    Pool::Turn d(users.events.timers);
    users.start(a, 'a');
    users.start(b, 'b');
    REQUIRE(users.told == "a1b2");

    SECTION("are never more than so many, and go to who has waited longest")
    {
        users.start(c, 'c');
        users.start(d, 'd');
        CHECK(users.told == "a1b2");
        users.pool.release(b.connection);
        users.pool.release(a.connection);
        users.settle();
        CHECK(users.told == "a1b2c2d1");
        CHECK(users.context.made == 2);
    }
    SECTION("who is given up has none, also where it was just given one")
    {
        users.start(c, 'c');
        users.start(d, 'd');
        users.pool.release(a.connection);
        Pool::give_up(c);
        users.settle();
        CHECK(users.told == "a1b2c-d1");
    }
    SECTION("who waits too long has none, and does not stand in the way")
    {
        users.start(c, 'c', 2ms);
        users.settle();
        CHECK(users.told == "a1b2c-");
        users.pool.release(a.connection);
        users.start(d, 'd');
        CHECK(users.told == "a1b2c-d1");
    }
    SECTION("are closed together")
    {
        users.pool.close();
        CHECK(a.connection->closed);
        CHECK(b.connection->closed);
    }
}

} // namespace squall::drivers
