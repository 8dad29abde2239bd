// The claim: whoever dies or is asked to stop, nothing is left running, and what was measured is kept.
#include "scenarios.hpp"
#include "squall_process.hpp"

#include "catch.hpp"
#include "measure/journal.hpp"
#include "result/json.hpp"
#include "result/result_file.hpp"

#include <boost/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace squall;
using namespace squall::cli::test;
using namespace std::chrono_literals;

namespace {

/// All four servers under a small load, long enough to be ended by the test.
constexpr const char* whole_stack = R"(name = "whole stack"
primer = "0s"
duration = "40s"
quiesce = "1s"
grace = "1s"
[stack]
postgres = { max_connections = 60 }
pgbouncer = {}
redis = {}
target = { pool = { min = 2, max = 10 } }
[[user]]
name = "monitor"
arrival = { rate = "20/s" }
  [[user.step]]
  name = "health"
  http = "GET ${api}/health/database"
  timeout = "2s"
[slo]
checks = ["error_rate < 1%"]
)";

/// The service alone.
const std::string long_and_light =
    std::string(short_scenario).replace(std::string(short_scenario).find("\"2s\""), 4, "\"40s\"");

double last_full_second(const std::filesystem::path& journal)
{
    double end = 0;
    measure::JournalVisitor visitor;
    visitor.on_second = [&end](const measure::SecondRecord& second) { end = second.end_seconds; };
    const auto read = measure::read_journal(journal.string(), visitor);
    return read ? end : -1;
}

/// Waits until so many seconds of the run are in the journal.
bool has_run_for(const std::filesystem::path& journal, double seconds)
{
    return eventually([&] { return last_full_second(journal) >= seconds; }, 120s);
}

double seconds_since(SteadyTime::time_point start)
{
    return std::chrono::duration<double>(SteadyTime::now() - start).count();
}

pid_t process_with(const Workplace& place, const std::string& words)
{
    for (const auto& process : place.processes()) {
        if (process.command.find(words) != std::string::npos) {
            return process.pid;
        }
    }
    return 0;
}

bool has_stamp(const result::RunResult& run, const std::string& kind)
{
    return std::any_of(run.stamps.begin(), run.stamps.end(), [&kind](const auto& stamp) { return stamp.kind == kind; });
}

} // namespace

TEST_CASE("kill -9 leaves no server within 3 s, and the journal tells up to the last full second")
{
    Workplace place;
    place.write("stack.toml", whole_stack);
    auto run = place.start({"run", "stack.toml", "--out", "run"});
    const auto journal = place.path() / "run" / "journal.squall";
    REQUIRE(eventually([&] { return std::filesystem::exists(journal); }, 120s));
    const auto began = SteadyTime::now(); // at most 10 ms after the run's own zero
    REQUIRE(has_run_for(journal, 3.5));
    for (const char* server : {"postgres", "pgbouncer", "redis-server", "squall-target"}) {
        CAPTURE(server);
        CHECK(process_with(place, server) != 0);
    }

    const double killed_at = seconds_since(began);
    run->kill(SIGKILL);
    const bool all_gone = eventually([&] { return place.processes().empty(); }, 3s);
    const auto ended = run->wait();
    INFO(ended.err);
    CHECK(ended.exit_code == -SIGKILL);
    CHECK(all_gone);
    CHECK(place.remains(ended.err).empty());
    CHECK_FALSE(std::filesystem::exists(place.path() / "run" / "result.json"));
    CHECK(last_full_second(journal) > killed_at - 1.5);

    const auto report = place.squall({"report", "run"});
    INFO(report.out << report.err);
    CHECK(report.exit_code == 130);
    CHECK_THAT(report.out, ContainsSubstring("health"));
    const auto json = place.squall({"report", "run", "--json"});
    boost::json::error_code error;
    const auto value = boost::json::parse(json.out, error);
    REQUIRE_FALSE(error);
    const auto read = result::run_result_from_json(value);
    REQUIRE(read.has_value());
    CHECK(read->run.interrupted);
    CHECK(read->run.from_journal);
    REQUIRE(read->run.journal_until_seconds);
    CHECK(*read->run.journal_until_seconds > killed_at - 1.5);
    CHECK(read->seconds.size() >= 2);
    CHECK(read->totals.requests >= 20);
}

TEST_CASE("Ctrl-C under load keeps the results and leaves nothing")
{
    Workplace place;
    place.write("service.py", python_service);
    place.write("light.toml", long_and_light);
    auto run = place.start({"run", "light.toml", "--out", "run"});
    REQUIRE(has_run_for(place.path() / "run" / "journal.squall", 1.5));
    const auto asked = SteadyTime::now();
    run->interrupt();
    const auto ended = run->wait(20s);
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 130);
    CHECK(seconds_since(asked) < 10); // the grace is 5 s, the stack's end some more
    CHECK(place.remains(ended.err).empty());
    const auto read = result::read_result(place.path() / "run");
    REQUIRE(read.has_value());
    CHECK(read->run.interrupted);
    CHECK(read->verdict.outcome == result::RunOutcome::interrupted);
    CHECK(read->totals.requests > 20);
    CHECK_THAT(ended.out, ContainsSubstring("look"));
}

TEST_CASE("Ctrl-C while the stack starts leaves nothing")
{
    Workplace place;
    place.write("slow.toml",
                std::string(short_scenario) + "[stack.service.slow]\ncommand = \"exec sleep 100\"\n[stack.redis]\n");
    place.write("service.py", python_service);
    auto run = place.start({"run", "slow.toml", "--out", "run"});
    REQUIRE(run->says("Redis is ready"));
    REQUIRE(eventually([&] { return process_with(place, "sleep 100") != 0; }, 20s));
    const auto asked = SteadyTime::now();
    run->interrupt();
    const auto ended = run->wait(20s);
    INFO(ended.err);
    CHECK(ended.exit_code == 130);
    CHECK(seconds_since(asked) < 6);
    CHECK_THAT(ended.err, ContainsSubstring("interrupted"));
    CHECK(place.remains(ended.err).empty());
}

TEST_CASE("a second Ctrl-C does not wait for requests in flight")
{
    Workplace place;
    // An answer that never comes, and a grace that would wait for it.
    place.write("silent.py", "import socket, sys\n"
                             "listener = socket.create_server((\"127.0.0.1\", int(sys.argv[1])))\n"
                             "kept = []\n"
                             "while True:\n"
                             "    kept.append(listener.accept())\n");
    place.write("silent.toml", "primer = \"0s\"\nduration = \"60s\"\nquiesce = \"0s\"\ngrace = \"60s\"\n"
                               "[stack.service.api]\ncommand = \"exec python3 silent.py ${port}\"\n"
                               "[[user]]\nname = \"waiter\"\narrival = { closed = 3 }\n"
                               "  [[user.step]]\n  name = \"wait\"\n  http = \"GET ${api}/\"\n  timeout = \"100s\"\n");
    auto run = place.start({"run", "silent.toml", "--out", "run"});
    REQUIRE(has_run_for(place.path() / "run" / "journal.squall", 1.0));
    run->interrupt();
    REQUIRE(run->says("press Ctrl-C again"));
    const auto asked = SteadyTime::now();
    run->interrupt();
    const auto ended = run->wait(20s);
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 130);
    CHECK(seconds_since(asked) < 8);
    CHECK(place.remains(ended.err).empty());
    CHECK(result::read_result(place.path() / "run").has_value());
}

TEST_CASE("the death of the service is told, and the run goes on to a verdict")
{
    Workplace place;
    place.write("stack.toml", std::string(whole_stack));
    auto run = place.start({"run", "stack.toml", "--for", "5s", "--out", "run"});
    REQUIRE(has_run_for(place.path() / "run" / "journal.squall", 1.5));
    const pid_t target = process_with(place, "squall-target");
    REQUIRE(target != 0);
    ::kill(target, SIGKILL);
    const auto ended = run->wait();
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 99);
    CHECK(place.remains(ended.err).empty());
    const auto read = result::read_result(place.path() / "run");
    REQUIRE(read.has_value());
    CHECK(has_stamp(*read, "service_died"));
    const auto& kinds = read->all_steps.errors_by_kind;
    REQUIRE(kinds.contains("connection_refused"));
    CHECK(kinds.at("connection_refused") > 20);
    CHECK(read->totals.load_seconds == Approx(5).margin(1));
    CHECK_THAT(ended.out, ContainsSubstring("connection_refused") || ContainsSubstring("connection refused"));
    CHECK_THAT(ended.out, ContainsSubstring("target"));
}
