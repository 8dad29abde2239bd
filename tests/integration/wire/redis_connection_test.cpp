#include "wire/redis_connection.hpp"

#include "catch.hpp"
#include "integration/servers.hpp"
#include "run_task.hpp"

using namespace squall;
using namespace squall::testing;
using namespace std::chrono_literals;
using wire::RedisConnection;
using Type = wire::RedisReply::Type;

namespace {

RedisServer& server()
{
    static RedisServer shared;
    return shared;
}

struct Client {
    asio::io_context io;
    RedisConnection connection{io.get_executor()};

    Result<void> connect(const std::string& url, const std::string& name = "", Duration within = 10s)
    {
        return run_task(io, connection.connect(url, name, in(within)));
    }
    Result<wire::RedisReply> command(std::vector<std::string> words, Duration within = 10s)
    {
        return run_task(io, connection.command(std::move(words), in(within)));
    }
};

} // namespace

TEST_CASE("every type of reply is a value")
{
    Client client;
    REQUIRE(client.connect(server().url()).has_value());
    CHECK(client.command({"PING"})->type == Type::status);
    CHECK(client.command({"SET", "key with\r\nbreak", std::string("a\0b", 3)})->text == "OK");
    CHECK(client.command({"GET", "key with\r\nbreak"})->text == std::string("a\0b", 3));
    CHECK(client.command({"GET", "absent"})->type == Type::nil);
    CHECK(client.command({"SET", "counter", "0"})->text == "OK");
    CHECK(client.command({"INCRBY", "counter", "-7"})->integer == -7);
    const auto list = client.command({"EVAL", "return {1, {'two', false}}", "0"});
    REQUIRE(list.has_value());
    REQUIRE(list->elements.size() == 2);
    CHECK(list->elements[1].elements[0].text == "two");
    CHECK(list->elements[1].elements[1].type == Type::nil);

    SECTION("also an error, after which the connection goes on")
    {
        const auto error = client.command({"NONSENSE"});
        REQUIRE(error.has_value());
        CHECK(error->type == Type::error);
        CHECK(client.command({"PING"})->text == "PONG");
    }
    SECTION("also megabytes")
    {
        REQUIRE(client.command({"SET", "big", std::string(5'000'000, 'x')}).has_value());
        CHECK(client.command({"GET", "big"})->text.size() == 5'000'000);
    }
}

TEST_CASE("the connection carries its name and database")
{
    Client client;
    REQUIRE(client.connect(server().url("/2"), "my probe").has_value());
    CHECK(client.command({"CLIENT", "GETNAME"})->text == "my-probe");
    CHECK(client.command({"CLIENT", "LIST"})->text.find(" db=2 ") != std::string::npos);
}

TEST_CASE("a failure says why and leaves nothing open")
{
    Client client;
    const auto message_of = [&client](const std::string& url, Duration within = 10s) {
        const auto connected = client.connect(url, "", within);
        REQUIRE(connected.has_error());
        CHECK_FALSE(client.connection.is_open());
        return connected.error().message;
    };
    SECTION("nobody listens")
    {
        CHECK(message_of(fmt::format("redis://127.0.0.1:{}", free_port())).find("refused") != std::string::npos);
    }
    SECTION("the password is wrong, and is not repeated")
    {
        auto url = server().url();
        url.replace(url.find("secret"), 6, "geheim");
        const auto message = message_of(url);
        CHECK(message.find("WRONGPASS") != std::string::npos);
        CHECK(message.find("geheim") == std::string::npos);
    }
    SECTION("the port never answers: over at the deadline")
    {
        const SilentServer silent;
        const auto message = message_of(fmt::format("redis://:x@127.0.0.1:{}", silent.port()), 100ms);
        CHECK(message.find("no answer in time") != std::string::npos);
    }
    SECTION("a command past its deadline closes the connection")
    {
        REQUIRE(client.connect(server().url()).has_value());
        CHECK(client.command({"BLPOP", "nothing-here", "60"}, 50ms).has_error());
        CHECK_FALSE(client.connection.is_open());
        CHECK(client.command({"PING"}).has_error());
    }
    SECTION("the server goes away")
    {
        RedisServer mortal;
        REQUIRE(client.connect(mortal.url()).has_value());
        mortal.kill();
        CHECK(client.command({"PING"}).has_error());
        CHECK_FALSE(client.connection.is_open());
    }
}

TEST_CASE("200 connects and failures leave no descriptor behind")
{
    asio::io_context io;
    const SilentServer silent;
    const auto good = server().url();
    const auto refused = fmt::format("redis://127.0.0.1:{}", free_port());
    const auto mute = fmt::format("redis://:x@127.0.0.1:{}", silent.port());
    {
        RedisConnection warm_up(io.get_executor());
        REQUIRE(run_task(io, warm_up.connect(good, "", in(10s))).has_value());
    }
    const auto before = open_files();
    for (int round = 0; round < 67; ++round) {
        RedisConnection connection(io.get_executor());
        CHECK(run_task(io, connection.connect(good, "x", in(10s))).has_value());
        CHECK_FALSE(run_task(io, connection.connect(refused, "x", in(10s))).has_value());
        CHECK_FALSE(run_task(io, connection.connect(mute, "x", in(2ms))).has_value());
    }
    CHECK(open_files() == before);
}
