// The claim: a leak check of several cycles sends what it says, with a mix that varies, over a real service; it ends in
// good order; and services are asked to collect their garbage in every quiet phase.
#include "squall_process.hpp"

#include "catch.hpp"
#include "engine/run_folder.hpp"
#include "engine/run_record.hpp"
#include "result/result_file.hpp"

#include <fmt/format.h>

#include <algorithm>

using namespace squall;
using namespace squall::cli::test;
using namespace std::chrono_literals;

namespace {

/// /keep opens a file and keeps it; POST /gc, and SIGUSR2, write a line to the file `collected`; GC=500 answers so.
constexpr const char* keeping_service = R"(import os, signal, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

kept = []

def collect(*_):
    with open("collected", "a") as out:
        out.write("once\n")

signal.signal(signal.SIGUSR2, collect)

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *words):
        pass
    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def do_GET(self):
        if self.path == "/keep":
            kept.append(open("/dev/null"))
        self.answer(200)
    def do_POST(self):
        collect()
        self.answer(int(os.environ.get("GC", "200")))

class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
)";

std::string scenario(const std::string& gc, const std::string& environment = "{}")
{
    return fmt::format(R"(name = "cycles"
leak_check = "standard"
production_rate = "12/s"
declared_caps = {{ "api.fds" = 2000 }}
primer = "1s"
duration = "1s"
quiesce = "1s"
grace = "1s"
[stack.service.api]
command = "python3 keeping.py ${{port}}; true"
gc = "{}"
environment = {}
[[user]]
name = "keeper"
arrival = {{ rate = "40/s" }}
  [[user.step]]
  name = "keep"
  http = "GET ${{api}}/keep"
[[user]]
name = "browser"
arrival = {{ rate = "40/s" }}
  [[user.step]]
  name = "browse"
  http = "GET ${{api}}/"
[slo]
checks = ["error_rate < 1%", "throughput > 40/s over 1s"]
)",
                       gc, environment);
}

engine::RunRecord record_of(const Workplace& place)
{
    auto record = engine::read_run((place.path() / "run" / engine::journal_name).string());
    REQUIRE(record.has_value());
    return std::move(*record);
}

std::ptrdiff_t phases_named(const result::RunResult& run, const std::string& name)
{
    return std::ranges::count(run.phases, name, &result::PhaseSpan::name);
}

std::ptrdiff_t lines_in(const std::string& text)
{
    return std::ranges::count(text, '\n');
}

/// Requests of a step in the loads of each cycle.
std::vector<double> by_cycle(const Workplace& place, std::size_t step, const engine::RunRecord& record)
{
    std::vector<double> counts(record.cycles.size());
    measure::JournalVisitor visitor;
    visitor.on_second = [&](const measure::SecondRecord& second) {
        for (std::size_t cycle = 0; cycle < counts.size(); ++cycle) {
            const auto& load = record.cycles[cycle].load;
            if (second.phase == measure::Phase::load && second.begin_seconds >= load.begin &&
                second.begin_seconds < load.end) {
                counts[cycle] += static_cast<double>(second.window.steps.at(step).requests);
            }
        }
    };
    REQUIRE(measure::read_journal((place.path() / "run" / engine::journal_name).string(), visitor).has_value());
    return counts;
}

} // namespace

TEST_CASE("a standard leak check is six loads and six rests, the last load eight times as long, and the mix varies")
{
    Workplace place;
    place.write("keeping.py", keeping_service);
    place.write("cycles.toml", scenario("POST /gc"));
    const auto ended = place.squall({"run", "cycles.toml", "--out", "run"});
    INFO(ended.out << ended.err);
    CHECK_THAT(ended.err, ContainsSubstring("leak check standard: 6 cycles, doses 1 1 1 1 1 8; takes 21s"));
    CHECK_THAT(ended.err, ContainsSubstring("load 6/6"));
    const auto run = *result::read_result(place.path() / "run");
    CHECK(phases_named(run, "load") == 6);
    CHECK(phases_named(run, "quiesce") == 6);
    CHECK(run.totals.load_seconds == Approx(13).margin(1));
    for (const auto& slo : run.slos) {
        INFO(slo.expression << ": " << slo.measured << "; " << slo.why);
        CHECK(slo.outcome == result::SloOutcome::met);
    }

    const auto record = record_of(place);
    REQUIRE(record.cycles.size() == 6);
    const auto keeps = by_cycle(place, 0, record);
    const auto browses = by_cycle(place, 1, record);
    for (std::size_t cycle = 0; cycle < 6; ++cycle) {
        CHECK(record.cycles[cycle].dose == (cycle == 5 ? 8 : 1));
        CHECK(record.cycles[cycle].operations == Approx(cycle == 5 ? 640 : 80).margin(4));
        CHECK(record.cycles[cycle].operations == Approx(keeps[cycle] + browses[cycle]));
        CHECK(record.cycles[cycle].collected);
        CHECK(record.cycles[cycle].quiesce.has_value());
    }
    // As much of both together in every cycle; of each of them 24 to 56, never only more or only less.
    CHECK(*std::max_element(keeps.begin(), keeps.end() - 1) >= 54);
    CHECK(*std::min_element(keeps.begin(), keeps.end() - 1) <= 26);
    CHECK(keeps[5] == Approx(320).margin(4));
    CHECK(lines_in(place.read("collected")) == 2 * 7); // twice in settle and in every quiesce
    CHECK(record.settle_collected);

    // What is kept is seen to grow from cycle to cycle, and the analysis is told what it needs.
    const auto& fds = record.gauges.at("api.fds").points;
    const auto level_at = [&fds](double at) {
        return std::ranges::find_if(fds, [at](const auto& point) { return point.at_seconds >= at; })->value;
    };
    for (std::size_t cycle = 1; cycle < 5; ++cycle) {
        CHECK(level_at(record.cycles[cycle].quiesce->end - 0.4) > level_at(record.cycles[cycle].load.begin));
    }
    CHECK(record.header.leak_check == "standard");
    CHECK(record.header.production_rate->per_second() == 12);
    CHECK(record.header.declared_caps.at("api.fds") == 2000);
    CHECK(record.header.collected == std::vector<std::string>{"api"});
    CHECK(record.header.doses == std::vector<int>{1, 1, 1, 1, 1, 8});
}

TEST_CASE("Ctrl-C in the third cycle ends there and keeps what was measured")
{
    Workplace place;
    place.write("keeping.py", keeping_service);
    place.write("cycles.toml", scenario("SIGUSR2"));
    const auto squall = place.start({"run", "cycles.toml", "--out", "run", "--set", "duration=5s"});
    REQUIRE(squall->says("load 3/6")); // a line every five seconds
    squall->interrupt();
    const auto ended = squall->wait();
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 130);
    CHECK(place.remains(ended.err).empty());
    const auto record = record_of(place);
    CHECK(record.cycles.size() == 3);
    CHECK(record.end->interrupted);
    CHECK(record.cycles[1].operations == Approx(400).margin(8));
    CHECK(record.cycles[1].collected);
    // The signal reached the service, not the shell around it, of which it would have been the end.
    CHECK(lines_in(place.read("collected")) == 2 * 3);
}

TEST_CASE("a service that does not collect is told once, and its levels are not taken for collected")
{
    Workplace place;
    place.write("keeping.py", keeping_service);
    place.write("cycles.toml", scenario("POST /gc", "{ GC = \"500\" }"));
    const auto ended = place.squall({"run", "cycles.toml", "--out", "run"});
    INFO(ended.out << ended.err);
    CHECK((ended.exit_code == 0 || ended.exit_code == 99));
    const std::string why = "api did not collect its garbage: POST /gc was answered with status 500";
    CHECK_THAT(ended.err, ContainsSubstring(why));
    CHECK(ended.err.find(why, ended.err.find(why) + 1) == std::string::npos);
    const auto record = record_of(place);
    REQUIRE(record.cycles.size() == 6);
    CHECK(std::ranges::none_of(record.cycles, &engine::Cycle::collected));
    CHECK_FALSE(record.settle_collected);
    CHECK(std::ranges::count(record.stamps, "gc_failed", &measure::Stamp::kind) == 1);
    CHECK(lines_in(place.read("collected")) == 2 * 7);
}
