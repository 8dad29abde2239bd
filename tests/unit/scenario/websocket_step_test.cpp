#include "support.hpp"

using namespace squall::scenario;
using namespace squall::scenario::testing;
using namespace std::chrono_literals;

namespace {

/// The keys of the step begin in line 5.
std::string with_step(const std::string& keys)
{
    return "[[user]]\nname = \"u\"\narrival = { closed = 1 }\n[[user.step]]\n" + keys;
}

WebSocketStep socket_of(const std::string& keys)
{
    return std::get<WebSocketStep>(parsed(with_step(keys)).users.at(0).steps.at(0).action);
}

std::string problem_of(const std::string& keys)
{
    const auto found = problems(with_step(keys));
    REQUIRE(found.size() == 1);
    return found[0];
}

} // namespace

TEST_CASE("a WebSocket step without more is opened, closed and read from")
{
    const auto socket = socket_of("ws = \"${ws}/rooms/1\"\n");
    CHECK_FALSE(socket.hold);
    CHECK_FALSE(socket.say);
    CHECK(socket.reads);
    CHECK(socket.leave.normal == 1);
    CHECK(socket.leave.vanish == 0);
    CHECK(parsed(with_step("ws = \"${ws}/rooms/1?x=2\"\n")).users[0].steps[0].name == "WS /rooms/1");
}

TEST_CASE("what a WebSocket step may say")
{
    const auto socket = socket_of("ws = \"${ws}/\"\nhold = \"2s..10s\"\n"
                                  "say = { every = \"500ms\", json = { id = \"${ws.id}\" }, echo = true }\n"
                                  "leave = { vanish = 0.25, abrupt = 0.75 }\n"
                                  "expect = { message = \"hello\", messages = 3 }\n"
                                  "reconnect = { attempts = 2, backoff = \"10ms..1s\" }\nping = { every = \"5s\" }\n");
    CHECK(socket.hold->low == 2s);
    CHECK(socket.say->every == 500ms);
    CHECK(socket.say->echo);
    CHECK_FALSE(socket.say->binary);
    CHECK(socket.say->payload.source == R"({"id":"${ws.id}"})");
    CHECK(socket.leave.normal == 0);
    CHECK(socket.leave.abrupt == 0.75);
    CHECK(socket.first_message == "hello");
    CHECK(socket.messages == 3);
    CHECK(socket.reconnect->attempts == 2);
    CHECK(socket.reconnect->backoff.high == 1s);
    CHECK(socket.ping_every == 5s);
    CHECK(socket_of("ws = \"${ws}/\"\nsay = { binary = \"a\" }\n").say->binary);
}

TEST_CASE("what does not go together is told with its place")
{
    CHECK(problem_of("ws = \"${ws}/\"\nleave = { normal = 0.5 }\n")
              .find("6:9: user[u].step[WS /].leave: the shares of "
                    "normal, abrupt and vanish add up to 0.5; "
                    "expected 1") != std::string::npos);
    CHECK(problem_of("ws = \"${ws}/\"\nleave = { normal = 1.5 }\n").find("expected a share") != std::string::npos);
    CHECK(problem_of("ws = \"${ws}/\"\nreads = false\n").find("expected hold") != std::string::npos);
    CHECK(problem_of("ws = \"${ws}/\"\nreads = false\nhold = \"1s\"\nsay = { text = \"a\" }\n").find("reads = false") !=
          std::string::npos);
    CHECK(problem_of("ws = \"${ws}/\"\nping = { every = \"1s\" }\n").find("expected hold") != std::string::npos);
    CHECK(problem_of("ws = \"${ws}/\"\nsay = { text = \"a\", every = \"1s\" }\n").find("expected hold") !=
          std::string::npos);
    CHECK(problem_of("ws = \"${ws}/\"\nsay = { every = \"1s\" }\n").find("message") != std::string::npos);
    CHECK(problem_of("ws = \"${ws}/\"\nsay = { text = \"a\", binary = \"b\" }\n").find("binary") != std::string::npos);
    CHECK(problem_of("ws = \"${ws}/\"\njson = { a = 1 }\n").find("json") != std::string::npos);
}
