// The claim: a check with `abort` ends the load and nothing else, windows see what the whole hides, and a warm-up is
// traffic that is not judged.
#include "scenarios.hpp"
#include "squall_process.hpp"

#include "catch.hpp"
#include "result/result_file.hpp"

#include <fmt/format.h>

using namespace squall;
using namespace squall::cli::test;

namespace {

/// A service that stalls from its 3rd to its 4th second of requests, or says 500 to all with FAIL=1.
constexpr const char* moody_service = R"(import os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

began = []

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *words):
        pass
    def do_GET(self):
        began.append(time.monotonic())
        age = time.monotonic() - began[0]
        if 3 <= age < 4 and self.path == "/stall":
            time.sleep(4 - age)
        self.send_response(500 if self.path == "/fail" else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
)";

std::string scenario(const std::string& head, const std::string& path, const std::string& checks)
{
    return fmt::format(R"(name = "moody"
primer = "0s"
{}
grace = "1s"
[stack.service.api]
command = "exec python3 moody.py ${{port}}"
[[user]]
name = "visitor"
arrival = {{ rate = "40/s" }}
  [[user.step]]
  name = "look"
  http = "GET ${{api}}{}"
[slo]
checks = [{}]
)",
                       head, path, checks);
}

result::RunResult result_of(const Workplace& place)
{
    const auto read = result::read_result(place.path() / "run");
    REQUIRE(read.has_value());
    return *read;
}

std::vector<std::string> phases_of(const result::RunResult& run)
{
    std::vector<std::string> names;
    for (const auto& phase : run.phases) {
        names.push_back(phase.name);
    }
    return names;
}

} // namespace

TEST_CASE("a missed check with abort ends the load early, and quiesce follows")
{
    Workplace place;
    place.write("moody.py", moody_service);
    place.write("moody.toml", scenario("duration = \"60s\"\nquiesce = \"1s\"", "/fail",
                                       R"({ check = "error_rate < 5%", abort = true, after = "3s" })"));
    const auto ended = place.squall({"run", "moody.toml", "--out", "run"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 99);
    CHECK_THAT(ended.err, ContainsSubstring("ending the load early: error_rate < 5%: 100%"));
    CHECK_THAT(ended.out, ContainsSubstring("the load was ended after 3 of 60 s by error_rate < 5%: 100%"));
    CHECK(place.remains(ended.err).empty());
    const auto run = result_of(place);
    CHECK(run.run.aborted.has_value());
    CHECK_FALSE(run.run.interrupted);
    CHECK(run.totals.load_seconds < 10);
    CHECK(run.totals.requests > 80);
    CHECK(phases_of(run) == std::vector<std::string>{"load", "quiesce"});
    CHECK(run.all_steps.errors_by_kind.count("cancelled") == 0); // graceful
}

TEST_CASE("a stall of a second is seen over a window and forgiven over the whole")
{
    Workplace place;
    place.write("moody.py", moody_service);
    place.write("moody.toml", scenario("duration = \"14s\"\nquiesce = \"0s\"", "/stall",
                                       R"("response_time.p75 < 250ms", "response_time.p75 < 250ms over 2s")"));
    const auto ended = place.squall({"run", "moody.toml", "--out", "run"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 99);
    const auto run = result_of(place);
    REQUIRE(run.slos.size() == 2);
    CHECK(run.slos[0].outcome == result::SloOutcome::met);
    CHECK(run.slos[1].outcome == result::SloOutcome::missed);
    CHECK_THAT(run.slos[1].why, ContainsSubstring("worst of 13 windows: 0:0"));
}

TEST_CASE("a warm-up is the load's own traffic, without a gap, and none of it is judged")
{
    Workplace place;
    place.write("moody.py", moody_service);
    place.write("moody.toml", scenario("warm_up = \"2s\"\nduration = \"2s\"\nquiesce = \"0s\"", "/ok",
                                       R"("error_rate < 1%", "throughput > 30/s over 1s")"));
    const auto ended = place.squall({"run", "moody.toml", "--out", "run"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 0);
    const auto run = result_of(place);
    CHECK(phases_of(run) == std::vector<std::string>{"warm_up", "load"});
    CHECK(run.phases[0].end_seconds == Approx(2).margin(0.3));
    CHECK(run.phases[1].begin_seconds == Approx(run.phases[0].end_seconds).margin(0.05));
    CHECK(run.totals.iterations_started == Approx(80).margin(8));
    std::uint64_t warm = 0;
    for (const auto& second : run.seconds) {
        warm += second.phase == "warm_up" ? second.requests : 0;
    }
    CHECK(warm + run.totals.requests == 160);
}

TEST_CASE("a user whose pause the end of the load cuts short does not go on to its next step")
{
    Workplace place;
    place.write("moody.py", moody_service);
    place.write("moody.toml", scenario("duration = \"1s\"\nquiesce = \"0s\"",
                                       R"(/ok"
  [[user.step]]
  pause = "20s"
  [[user.step]]
  name = "too early"
  http = "GET ${api}/ok)",
                                       R"("requests > 20")"));
    const auto ended = place.squall({"run", "moody.toml", "--out", "run"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 0);
    for (const auto& step : result_of(place).steps) {
        INFO(step.name);
        CHECK((step.requests > 20) == (step.name == "look"));
        CHECK((step.requests == 0) == (step.name == "too early"));
    }
}

TEST_CASE("a check that cannot end a load is refused at its place")
{
    Workplace place;
    place.write("moody.toml",
                scenario("", "/ok", R"({ check = "requests > 5", abort = true }, "leak[api.fds] < 1/h over 5s")"));
    const auto ended = place.squall({"check", "moody.toml"});
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring("requests only grows"));
    CHECK_THAT(ended.err, ContainsSubstring("moody.toml:14:21"));
}
