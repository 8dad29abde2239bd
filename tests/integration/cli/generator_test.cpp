// The claim: a run says whether its generator kept the schedule; when it did not the run is INVALID, and when the
// service was the cause the service is named.
#include "scenarios.hpp"
#include "squall_process.hpp"

#include "catch.hpp"
#include "result/result_file.hpp"

using namespace squall;
using namespace squall::cli::test;

namespace {

constexpr const char* impossible = R"(name = "impossible"
primer = "0s"
duration = "3s"
quiesce = "0s"
grace = "1s"
[stack]
postgres = {}
target = { database = "postgres" }
[[user]]
name = "visitor"
arrival = { rate = "1000000/s" }
  [[user.step]]
  name = "live"
  http = "GET ${api}/health/live"
[slo]
checks = ["response_time.p99 < 1ms"]
)";

/// Each answer takes 200 ms, so that five in flight are 25 a second.
constexpr const char* slow_service = R"(import sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *words):
        pass
    def do_GET(self):
        time.sleep(0.2)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
)";

constexpr const char* held_by_the_service = R"(name = "held"
primer = "0s"
duration = "3s"
quiesce = "0s"
[stack.service.api]
command = "exec python3 slow.py ${port}"
[[user]]
name = "visitor"
arrival = { rate = "100/s", max_in_flight = 5 }
  [[user.step]]
  name = "look"
  http = "GET ${api}/"
[slo]
checks = ["response_time.p10 < 5s", "response_time.p50 < 5s", "response_time[look].p50 < 5s"]
)";

result::RunResult result_of(const Workplace& place)
{
    const auto read = result::read_result(place.path() / "run");
    REQUIRE(read.has_value());
    return *read;
}

} // namespace

TEST_CASE("a rate that no thread can send makes the run INVALID, and it says what was reached")
{
    Workplace place;
    place.write("impossible.toml", impossible);
    const auto ended = place.squall({"run", "impossible.toml", "--out", "run"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 97);
    CHECK(place.remains(ended.err).empty());
    const auto head = ended.out.substr(0, ended.out.find("GENERATOR HEALTH"));
    CHECK_THAT(head, ContainsSubstring("INVALID") && ContainsSubstring("could not keep its schedule"));
    CHECK_THAT(head, ContainsSubstring("of 1,000,000/s on time"));
    CHECK_THAT(ended.out, ContainsSubstring("SATURATED"));
    const auto run = result_of(place);
    CHECK(run.verdict.outcome == result::RunOutcome::invalid);
    CHECK(run.generator.saturated);
    CHECK(run.generator.held_back_by == "cpu");
    REQUIRE(run.generator.reached_per_second);
    CHECK(*run.generator.reached_per_second < 190'000);
    CHECK(run.generator.thread_cpu_max > 0.2);
    CHECK(run.generator.send_lag_histogram.has_value());

    const auto compared = place.squall({"compare", "run", "run"});
    CHECK(compared.exit_code == 97);
    CHECK_THAT(compared.out, ContainsSubstring("NOT COMPARABLE"));
    CHECK(place.squall({"report", "run"}).exit_code == 97);
}

TEST_CASE("arrivals that the service kept out are its own finding: censored, not INVALID")
{
    Workplace place;
    place.write("slow.py", slow_service);
    place.write("held.toml", held_by_the_service);
    const auto ended = place.squall({"run", "held.toml", "--out", "run"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 99);
    CHECK_THAT(ended.out, ContainsSubstring("max_in_flight was reached while the generator had CPU"));
    CHECK_THAT(ended.out, ContainsSubstring("≥"));
    const auto run = result_of(place);
    CHECK_FALSE(run.generator.saturated);
    CHECK(run.generator.held_back_by == "target");
    CHECK(run.generator.iterations_dropped > 150);
    REQUIRE(run.slos.size() == 3);
    CHECK(run.slos[0].outcome == result::SloOutcome::met);
    CHECK(run.slos[1].outcome == result::SloOutcome::missed); // three of four arrivals have no time
    CHECK(run.slos[2].outcome == result::SloOutcome::missed);
    CHECK(run.all_steps.response.censored);
    CHECK(run.all_steps.response.count == run.totals.requests + run.totals.iterations_dropped);
    CHECK(run.all_steps.service.count == run.totals.requests);
}

TEST_CASE("requests in flight at the end count with their age, as errors, and keep no limit")
{
    Workplace place;
    place.write("silent.py", "import socket, sys\n"
                             "listener = socket.create_server((\"127.0.0.1\", int(sys.argv[1])))\n"
                             "kept = []\n"
                             "while True:\n"
                             "    kept.append(listener.accept())\n");
    place.write("silent.toml", R"(name = "silent"
primer = "0s"
duration = "2s"
quiesce = "0s"
grace = "1s"
[stack.service.api]
command = "exec python3 silent.py ${port}"
[[user]]
name = "visitor"
arrival = { rate = "10/s" }
  [[user.step]]
  name = "wait"
  http = "GET ${api}/"
  timeout = "100s"
[slo]
checks = ["response_time.p99 < 50s"]
)");
    const auto ended = place.squall({"run", "silent.toml", "--out", "run"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 99);
    CHECK_THAT(ended.out, ContainsSubstring("20 of 20 requests were given up before an answer"));
    const auto run = result_of(place);
    CHECK(run.totals.requests == 20);
    CHECK(run.totals.errors == 20);
    CHECK(run.all_steps.errors_by_kind.at("cancelled") == 20);
    CHECK(run.all_steps.response.censored_count == 20);
    CHECK(run.all_steps.response.min_seconds > 0.9);
    CHECK(run.all_steps.response.max_seconds > 2.5);
}
