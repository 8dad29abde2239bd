// The claim: what cannot be judged is not judged. A gauge that goes away, a service that dies or is started anew,
// values that no thing held can have, a run that is over at once: the verdict says so, and never gives a number that
// pretends.
#include "squall_process.hpp"

#include "catch.hpp"
#include "result/result_file.hpp"

#include <algorithm>

using namespace squall;
using namespace squall::cli::test;

namespace {

/// Counts requests to /work, and serves gauges made of that count. At END_AFTER requests it kills itself; after 325,
/// the middle of the load below, /half is gone and so is "vanishes".
constexpr const char* service = R"(import json, os, signal, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

asked = 0
half = 325

def gauges():
    return {
        "constant": 7,
        "negative": asked - 100000,
        "huge": 1e300,
        "large": asked * 1e12,
        "wraps": (64000 + 5 * asked) % 65536,
        "vanishes": 3 if asked < half else None,
    }

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *words):
        pass
    def do_GET(self):
        global asked
        status, body = 200, b"ok"
        if self.path == "/work":
            asked += 1
            if asked == int(os.environ["END_AFTER"]):
                os.kill(os.getpid(), signal.SIGKILL)
        elif self.path == "/gauges":
            body = json.dumps(gauges()).encode()
        elif self.path == "/half":
            status, body = (200, b'{"held": 3}') if asked < half else (404, b"")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
)";

/// 75 requests in the primer, 500 in the load.
constexpr const char* scenario = R"(name = "hard to judge"
primer = "1s"
duration = "10s"
quiesce = "3s"
grace = "1s"
[stack.service.api]
command = "exec python3 service.py ${port}"
environment = { END_AFTER = "0" }
[[user]]
name = "visitor"
arrival = { rate = "50/s" }
  [[user.step]]
  name = "work"
  http = "GET ${api}/work"
[[probe]]
name = "odd"
every = "200ms"
http_json = "${api}/gauges"
gauges = { constant = "/constant", negative = "/negative", huge = "/huge", large = "/large", wraps = "/wraps", vanishes = "/vanishes" }
[[probe]]
name = "half"
every = "200ms"
http_json = "${api}/half"
gauges = { held = "/held" }
[slo]
checks = [
  "leak[api.fds] < 1/h", "leak[half.held] < 1/h", "leak[odd.constant] < 1/h", "leak[odd.negative] < 1/h",
  "leak[odd.huge] < 1/h", "leak[odd.wraps] < 1/h", "leak[odd.vanishes] < 1/h",
]
[profile.restarted]
stack.service.api.command = "while :; do python3 service.py ${port}; done"
stack.service.api.environment.END_AFTER = "300"
[profile.killed]
stack.service.api.environment.END_AFTER = "300"
[profile.short]
duration = "3s"
primer = "0s"
quiesce = "1s"
)";

constexpr const char* judged[] = {"api.fds",  "half.held", "odd.constant", "odd.negative",
                                  "odd.huge", "odd.wraps", "odd.vanishes"};

result::RunResult result_of(const Arguments& profile)
{
    Workplace place;
    place.write("service.py", service);
    place.write("hard.toml", scenario);
    Arguments arguments{"run", "hard.toml", "--out", "run"};
    arguments.insert(arguments.end(), profile.begin(), profile.end());
    const auto ended = place.squall(arguments);
    INFO(ended.out << ended.err);
    CHECK((ended.exit_code == 0 || ended.exit_code == 99));
    CHECK(place.remains(ended.err).empty());
    auto run = result::read_result(place.path() / "run");
    REQUIRE(run.has_value());
    return std::move(*run);
}

const result::LeakFinding& leak_of(const result::RunResult& run, const std::string& gauge)
{
    const auto found =
        std::find_if(run.leaks.begin(), run.leaks.end(), [&gauge](const auto& leak) { return leak.gauge == gauge; });
    INFO(gauge);
    REQUIRE(found != run.leaks.end());
    return *found;
}

bool is_called_a_leak(const result::LeakFinding& leak)
{
    return leak.verdict == result::LeakVerdict::suspected || leak.verdict == result::LeakVerdict::confirmed;
}

/// Nothing about the gauge is claimed, and the reason holds these words.
void check_not_judged(const result::RunResult& run, const std::string& gauge, const std::string& words)
{
    const auto& leak = leak_of(run, gauge);
    INFO(gauge << ": " << leak.why);
    CHECK(leak.verdict == result::LeakVerdict::not_enough_data);
    CHECK_THAT(leak.why, ContainsSubstring(words));
    const auto check = std::find_if(run.slos.begin(), run.slos.end(), [&gauge](const auto& each) {
        return each.expression.find("[" + gauge + "]") != std::string::npos;
    });
    REQUIRE(check != run.slos.end());
    CHECK(check->outcome == result::SloOutcome::not_shown);
    CHECK_THAT(check->why, ContainsSubstring(words));
}

} // namespace

TEST_CASE("gauges that cannot be judged say why, beside one that can")
{
    const auto run = result_of({});
    check_not_judged(run, "half.held", "not read");
    check_not_judged(run, "odd.vanishes", "not read");
    check_not_judged(run, "odd.negative", "less than nothing");
    check_not_judged(run, "odd.huge", "more than can be counted");
    check_not_judged(run, "odd.wraps", "wraps");

    const auto& constant = leak_of(run, "odd.constant");
    CHECK(constant.verdict == result::LeakVerdict::no_leak);
    CHECK(constant.residual.value == 0);
    REQUIRE(constant.upper_bound_per_hour);
    CHECK(*constant.upper_bound_per_hour == Approx(2.996 / (10.0 / 3600)).epsilon(0.05)); // of Poisson, at 95 %

    // So much can still be counted.
    const auto& large = leak_of(run, "odd.large");
    CHECK(large.residual.value == Approx(500e12).epsilon(0.02));
    CHECK(large.residual.low > 0.99 * large.residual.value);
}

TEST_CASE("a service that is started anew under the load is not compared with the one before it")
{
    const auto run = result_of({"--profile", "restarted"});
    check_not_judged(run, "api.fds", "started anew");
    for (const auto* gauge : judged) {
        CHECK_FALSE(is_called_a_leak(leak_of(run, gauge)));
    }
}

TEST_CASE("a service that is killed under the load is not called clean")
{
    const auto run = result_of({"--profile", "killed"});
    CHECK(std::any_of(run.stamps.begin(), run.stamps.end(),
                      [](const auto& stamp) { return stamp.kind == "service_died"; }));
    for (const auto* gauge : judged) {
        INFO(gauge);
        CHECK(leak_of(run, gauge).verdict == result::LeakVerdict::not_enough_data);
    }
    for (const auto& check : run.slos) {
        CHECK(check.outcome == result::SloOutcome::not_shown);
    }
}

TEST_CASE("a run of three seconds says that it is too short")
{
    const auto run = result_of({"--profile", "short"});
    check_not_judged(run, "api.fds", "it was read only");
    check_not_judged(run, "odd.constant", "it was read only");
    for (const auto& check : run.slos) {
        CHECK(check.outcome == result::SloOutcome::not_shown);
    }
}
