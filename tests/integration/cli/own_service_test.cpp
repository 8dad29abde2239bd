// The claim: a service of the user's own is judged without the reference target; its leaks are found in
// pg_stat_activity and /proc, and the step that causes them is named. Output to a file stays plain.
#include "scenarios.hpp"
#include "squall_process.hpp"

#include "catch.hpp"
#include "result/result_file.hpp"

#include <algorithm>
#include <cmath>
#include <regex>

using namespace squall;
using namespace squall::cli::test;
using namespace std::chrono_literals;

namespace {

/// Only `forget` asks for what leaks; `browse` is there so that the blame can go to the wrong one.
constexpr const char* scenario = R"(name = "own service"
primer = "1s"
duration = "12s"
quiesce = "3s"
grace = "1s"
[stack]
postgres = { max_connections = 150 }
[stack.service.api]
command = "exec python3 service.py ${port}"
ready = "http://127.0.0.1:${port}/ok"
environment = { DATABASE = "${postgres}", LEAK = "0" }
[[user]]
name = "browser"
arrival = { closed = 3 }
think = "100ms..300ms"
  [[user.step]]
  name = "browse"
  http = "GET ${api}/ok"
[[user]]
name = "forgetful"
arrival = { rate = "6/s", distribution = "poisson" }
connection = "per_iteration"
  [[user.step]]
  name = "forget"
  http = "GET ${api}/leak"
[slo]
checks = ["error_rate < 5%", "leak[postgres.connections] < 1/h", "leak[api.fds] < 1/h"]
[profile.clean]
stack.service.api.environment.LEAK = "0"
[profile.leaky]
stack.service.api.environment.LEAK = "1"
)";

const result::LeakFinding& leak_of(const result::RunResult& run, const std::string& gauge)
{
    const auto found =
        std::find_if(run.leaks.begin(), run.leaks.end(), [&gauge](const auto& leak) { return leak.gauge == gauge; });
    REQUIRE(found != run.leaks.end());
    return *found;
}

double requests_of(const result::RunResult& run, const std::string& step)
{
    const auto found =
        std::find_if(run.steps.begin(), run.steps.end(), [&step](const auto& each) { return each.name == step; });
    REQUIRE(found != run.steps.end());
    return static_cast<double>(found->requests);
}

/// Seconds of the run in the progress lines, as "load       5s/11s  …" gives them.
std::vector<int> seconds_of_progress(const std::string& err)
{
    static const std::regex progress("^(?:primer|settle|load|quiesce) +([0-9]+)s/[0-9]+s ");
    std::vector<int> seconds;
    for (const auto& line : lines_of(err)) {
        std::smatch match;
        if (std::regex_search(line, match, progress)) {
            seconds.push_back(std::stoi(match[1]));
        }
    }
    return seconds;
}

} // namespace

TEST_CASE("a user's own service that leaks is found out, and the step that leaks is named")
{
    Workplace place;
    place.write("service.py", python_service);
    place.write("own.toml", scenario);
    const auto ended = place.squall({"run", "own.toml", "--profile", "leaky", "--out", "leaky"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 99);
    CHECK(place.remains(ended.err).empty());
    const auto run = result::read_result(place.path() / "leaky");
    REQUIRE(run.has_value());

    const auto& connections = leak_of(*run, "postgres.connections");
    const double leaked = requests_of(*run, "forget");
    CHECK(leaked > 15);
    CHECK(std::abs(connections.residual.value - leaked) <= 2);
    CHECK(connections.residual.low > 0);
    REQUIRE(connections.attribution);
    CHECK_THAT(connections.attribution->candidate, ContainsSubstring("forget"));
    CHECK(connections.attribution->per_dose == Approx(1).margin(0.1));
    CHECK(std::abs(leak_of(*run, "api.fds").residual.value - leaked) <= 2);
    CHECK_THAT(ended.out, ContainsSubstring("forget"));
    REQUIRE(run->slos.size() == 3);
    CHECK(run->slos[1].outcome == result::SloOutcome::missed);
    CHECK(run->slos[2].outcome == result::SloOutcome::missed);

    // Neither colours nor lines written over one another, and few of them, where no terminal shows them.
    CHECK(ended.out.find('\033') == std::string::npos);
    CHECK(ended.err.find('\033') == std::string::npos);
    CHECK(ended.err.find('\r') == std::string::npos);
    const auto seconds = seconds_of_progress(ended.err);
    CHECK(seconds.size() >= 2);
    for (std::size_t line = 1; line < seconds.size(); ++line) {
        CHECK(seconds[line] - seconds[line - 1] >= 5);
    }
}

TEST_CASE("a user's own service that gives back what it takes passes")
{
    Workplace place;
    place.write("service.py", python_service);
    place.write("own.toml", scenario);
    const auto ended = place.squall({"run", "own.toml", "--profile", "clean", "--out", "clean"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 0);
    CHECK(place.remains(ended.err).empty());
    const auto run = result::read_result(place.path() / "clean");
    REQUIRE(run.has_value());
    CHECK(requests_of(*run, "forget") > 15);
    CHECK(leak_of(*run, "postgres.connections").residual.value == Approx(0).margin(0.5));
    CHECK(leak_of(*run, "postgres.connections").verdict != result::LeakVerdict::confirmed);
    for (const auto& check : run->slos) {
        CHECK(check.outcome != result::SloOutcome::missed);
    }
}
