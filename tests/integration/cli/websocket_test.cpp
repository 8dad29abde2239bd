// The claim: WebSocket users are measured as HTTP's are: the handshake, each echo, each ping and the close apart, what
// the server pushes counted; every way to leave is seen by the server, and no descriptor of the harness is left behind;
// a server that breaks the rules is an error with a name.
#include "squall_process.hpp"

#include "catch.hpp"
#include "result/result_file.hpp"

#include <algorithm>

using namespace squall;
using namespace squall::cli::test;

namespace {

constexpr const char* rooms = R"(primer = "0s"
duration = "2s"
quiesce = "0s"
[stack]
postgres = {}
target = {}
[[user]]
name = "chatter"
arrival = { rate = "50/s" }
  [[user.step]]
  name = "room"
  ws = "${ws}/ws/rooms/${random.int(1,3)}"
  hold = "100ms..300ms"
  say = { every = "50ms", json = { id = "${ws.id}", say = "hello" }, echo = true }
  ping = { every = "60ms" }
  leave = { normal = 0.5, abrupt = 0.3, vanish = 0.2 }
  timeout = "5s"
[[user]]
name = "holder"
arrival = { closed = 3 }
  [[user.step]]
  name = "held"
  ws = "${ws}/ws/rooms/held"
  deflate = true
  hold = "60s"
  timeout = "5s"
)";

/// Refuses, breaks off, babbles and closes, by path.
constexpr const char* bad_service = R"(import base64, hashlib, socket, sys, threading

def serve(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(4096)
        if not piece:
            return
        data += piece
    path = data.split()[1].decode()
    key = [line.split(b": ")[1] for line in data.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")]
    accept = base64.b64encode(hashlib.sha1((key or [b""])[0] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    upgrade = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
    if path == "/refused":
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    elif path == "/garbage":
        connection.sendall(upgrade + b"GET / HTTP/1.1\r\n\r\n")
        connection.recv(4096)
    elif path == "/huge":
        connection.sendall(upgrade + b"\x82\x7f\0\0\0\0\x40\0\0\0" + b"x" * 100000)
        connection.recv(4096)
    elif path == "/silent":
        connection.sendall(upgrade)
        while connection.recv(4096):
            pass
    connection.close()

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=200)
while True:
    connection, _ = listener.accept()
    def run(connection=connection):
        try:
            serve(connection)
        except OSError:
            pass
    threading.Thread(target=run, daemon=True).start()
)";

std::string bad_scenario()
{
    std::string text = R"(primer = "0s"
duration = "1s"
quiesce = "0s"
[stack.service.bad]
command = "exec python3 service.py ${port}"
ready = "tcp://127.0.0.1:${port}"
url = "ws://127.0.0.1:${port}"
)";
    for (const std::string name : {"refused", "garbage", "huge", "silent", "cut"}) {
        text += "[[user]]\nname = \"" + name + "\"\narrival = { rate = \"5/s\" }\n[[user.step]]\nname = \"" + name +
                "\"\nws = \"${bad}/" + name + "\"\nsay = { text = \"${ws.id}\", echo = true }\ntimeout = \"200ms\"\n";
    }
    return text;
}

const result::StepResult& step_of(const result::RunResult& run, const std::string& name)
{
    const auto found = std::ranges::find(run.steps, name, &result::StepResult::name);
    REQUIRE(found != run.steps.end());
    return *found;
}

} // namespace

TEST_CASE("rooms are opened, talked in and left in every way")
{
    Workplace place;
    place.write("scenario.toml", rooms);
    const auto ended = place.squall({"run", "scenario.toml", "--out", "out"});
    INFO(ended.out << ended.err);
    REQUIRE(ended.exit_code == 0);
    const auto run = result::read_result((place.path() / "out/result.json").string()).value();
    const auto& room = step_of(run, "room");
    CHECK(room.requests == 100);
    CHECK(room.errors == 0);
    CHECK(room.statuses.at("101") == 100);
    CHECK(room.phase_means.connecting_seconds > 0);
    CHECK(room.messages_sent >= 200);
    CHECK(room.messages_received >= room.messages_sent * 9 / 10);
    CHECK(step_of(run, "room/echo").requests == room.messages_sent);
    CHECK(step_of(run, "room/echo").errors == 0);
    CHECK(step_of(run, "room/ping").requests > 50);
    const auto closed = step_of(run, "room/close").requests;
    CHECK(closed > 30);
    CHECK(closed < 70);
    // Held to the end, which is no late request: their handshakes are all that was measured.
    CHECK(step_of(run, "held").requests == 3);
    CHECK(step_of(run, "held").response.max_seconds < 1);
    CHECK(step_of(run, "held/close").errors == 0);
    CHECK(run.generator.fds_leaked == 0);
    REQUIRE(run.websockets.has_value());
    CHECK(run.websockets->sessions == 103);
    CHECK(run.websockets->connecting.count == 103);
    CHECK(run.websockets->messages_sent == room.messages_sent);
    CHECK(ended.out.find("103 WebSockets · connecting") != std::string::npos);
}

TEST_CASE("each way in which a server breaks the rules has its name")
{
    Workplace place;
    place.write("scenario.toml", bad_scenario());
    place.write("service.py", bad_service);
    const auto ended = place.squall({"run", "scenario.toml", "--out", "out"});
    INFO(ended.out << ended.err);
    const auto run = result::read_result((place.path() / "out/result.json").string()).value();
    CHECK(step_of(run, "refused").errors_by_kind.at("upgrade_refused") == 5);
    CHECK(step_of(run, "cut").errors_by_kind.at("connection_closed") == 5);
    CHECK(step_of(run, "garbage/close").errors_by_kind.at("websocket_protocol") == 5);
    CHECK(step_of(run, "huge/close").errors_by_kind.at("response_too_large") == 5);
    CHECK(step_of(run, "silent/echo").errors_by_kind.at("timeout") == 5);
    CHECK(run.generator.rss_max_bytes < 100U << 20U);
}
