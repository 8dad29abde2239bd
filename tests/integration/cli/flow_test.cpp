// The claim: a journey goes the ways that the scenario says; an answer that came too late is recovered by asking for
// it, or told as lost; setup and teardown happen once, whatever the load.
#include "scenarios.hpp"
#include "squall_process.hpp"
#include "steps.hpp"

#include "catch.hpp"
#include "result/result_file.hpp"

#include <algorithm>

using namespace squall;
using namespace squall::cli::test;

namespace {

/// Counts what it is asked for by path, and writes the counts at /end. An answer to /chat/N comes only after 1 s; it
/// can be fetched from /answers/N then, where N is even.
constexpr const char* chat_service = R"(import collections, json, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

asked = collections.Counter()
ready = {}
lock = threading.Lock()

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *words):
        pass
    def answer(self, status, value):
        body = json.dumps(value).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # the client has gone
    def do_POST(self):
        self.do_GET()
    def do_GET(self):
        parts = self.path.split("/")
        with lock:
            asked[parts[1] if parts[1] != "room" else self.path] += 1
        if parts[1] == "chat":
            ready[parts[2]] = time.monotonic() + 0.6
            time.sleep(1)
            self.answer(200, {})
        elif parts[1] == "answers":
            there = int(parts[2]) % 2 == 0 and time.monotonic() > ready[parts[2]]
            self.answer(200 if there else 404, {})
        elif parts[1] == "room" and len(parts) > 2 and parts[2] == "missing":
            self.answer(404, {})
        elif parts[1] == "end":
            with open("asked.json", "w") as file:
                json.dump(asked, file)
            self.answer(200, {})
        else:
            self.answer(200, {"id": "r7", "state": "done" if asked["state"] % 3 == 0 else "working"})

class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
)";

constexpr const char* head = R"(primer = "0s"
quiesce = "0s"
[stack.service.api]
command = "exec python3 service.py ${port}"
)";

result::RunResult result_of(const Workplace& place)
{
    const auto read = result::read_result(place.path() / "run");
    REQUIRE(read.has_value());
    return *read;
}

} // namespace

TEST_CASE("answers that come too late are recovered by polling, or lost, and both are counted and judged")
{
    Workplace place;
    place.write("service.py", chat_service);
    place.write("late.toml", std::string("duration = \"4s\"\n") + head + R"(
[[user]]
name = "visitor"
arrival = { rate = "5/s" }
variables = { number = "${seq}" }
  [[user.step]]
  name = "chat"
  http = "GET ${api}/chat/${number}"
  timeout = "200ms"
  on_timeout = { poll = "GET ${api}/answers/${number}", every = "250ms", for = "1s" }
  [[user.step]]
  name = "after"
  http = "GET ${api}/after"
[slo]
checks = ["lost_responses == 0", "recovered_responses[chat] >= 1"]
)");
    const auto ended = place.squall({"run", "late.toml", "--out", "run"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 99);
    CHECK_THAT(ended.out, ContainsSubstring("recovered by polling"));
    const auto run = result_of(place);
    const auto& chat = step_of(run, "chat");
    CHECK(chat.requests == 20);
    CHECK(chat.errors_by_kind.at("timeout") == 20);
    CHECK(chat.recovered == 10);
    CHECK(chat.lost == 10);
    CHECK(step_of(run, "after").requests == chat.recovered);
    CHECK(step_of(run, "chat/poll").errors == 0); // not there yet is no error
    CHECK(step_of(run, "chat/poll").requests >= 50);
    REQUIRE(run.slos.size() == 2);
    CHECK(run.slos[0].outcome == result::SloOutcome::missed);
    CHECK(run.slos[1].outcome == result::SloOutcome::met);
}

TEST_CASE("loops, conditions and choices over saved values; setup and teardown once for all users")
{
    Workplace place;
    place.write("service.py", chat_service);
    place.write("flow.toml", std::string("duration = \"2s\"\nseed = 3\n") + head + R"(
[[setup]]
name = "room"
http = "POST ${api}/prepare"
save = { room = "json:/id" }
[[teardown]]
http = "POST ${api}/end"
[[user]]
name = "visitor"
arrival = { rate = "50/s" }
variables = { state = "working" }
  [[user.step]]
  repeat = 5
  while = "${state} == working"
    [[user.step.step]]
    name = "state"
    http = "GET ${api}/state"
    save = { state = "json:/state" }
  [[user.step]]
  if = "${state} == done"
  step = [{ name = "enter", http = "GET ${api}/room/${room}" }]
  else = [{ name = "give up", http = "GET ${api}/room/none" }]
  [[user.step]]
    [[user.step.choose]]
    weight = 4
    step = [{ name = "often", http = "GET ${api}/often" }]
    [[user.step.choose]]
    step = [{ name = "seldom", http = "GET ${api}/room/missing", on_error = "continue" }]
  [[user.step]]
  name = "last"
  http = "GET ${api}/last"
[slo]
checks = ["requests > 0"]
)");
    const auto ended = place.squall({"run", "flow.toml", "--out", "run", "--threads", "2"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 0);
    const auto run = result_of(place);
    CHECK(run.totals.iterations_completed == 100);
    CHECK(step_of(run, "state").requests > 100);
    CHECK(step_of(run, "enter").requests + step_of(run, "give up").requests == 100);
    CHECK(step_of(run, "enter").requests > 50);
    CHECK(step_of(run, "often").requests + step_of(run, "seldom").requests == 100);
    CHECK(step_of(run, "often").requests > 60);
    CHECK(step_of(run, "seldom").errors == step_of(run, "seldom").requests);
    CHECK(step_of(run, "last").requests == 100);
    const auto asked = place.read("asked.json");
    CHECK_THAT(asked, ContainsSubstring("\"prepare\": 1,") && ContainsSubstring("\"end\": 1}"));
    CHECK_THAT(asked, ContainsSubstring("\"/room/r7\": " + std::to_string(step_of(run, "enter").requests)));
}

TEST_CASE("a setup that fails ends the run with its step and its reason, and nothing is loaded")
{
    Workplace place;
    place.write("service.py", chat_service);
    place.write("setup.toml", std::string("duration = \"2s\"\n") + head + R"(
[[setup]]
name = "prepare"
http = "GET ${api}/room/missing"
[[user]]
name = "visitor"
arrival = { closed = 1 }
step = [{ http = "GET ${api}/a" }]
)");
    const auto ended = place.squall({"run", "setup.toml", "--out", "run"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring("setup: the step \"prepare\" failed (status)"));
    CHECK(place.remains(ended.err).empty());
}

TEST_CASE("users whose journeys do nothing, or fail at once for ever, can be stopped")
{
    Workplace place;
    place.write("service.py", chat_service);
    place.write("idle.toml", std::string("duration = \"1s\"\ngrace = \"1s\"\n") + head + R"(
[[user]]
name = "idle"
arrival = { closed = 2 }
variables = { word = "stay" }
  [[user.step]]
  if = "${word} == go"
  step = [{ http = "GET ${api}/never" }]
[[user]]
name = "failing"
arrival = { closed = 2 }
  [[user.step]]
  repeat = 999999999
  step = [{ name = "refused", http = "GET http://127.0.0.1:1/", on_error = "continue" }]
)");
    const auto ended = place.squall({"run", "idle.toml", "--out", "run"}, std::chrono::seconds(30));
    INFO(ended.out << ended.err);
    CHECK_FALSE(ended.out_of_time);
    CHECK(ended.exit_code == 0);
    const auto run = result_of(place);
    CHECK(step_of(run, "refused").errors == step_of(run, "refused").requests);
    CHECK(step_of(run, "refused").requests > 100);
    CHECK(run.totals.iterations_completed > 100);
}
