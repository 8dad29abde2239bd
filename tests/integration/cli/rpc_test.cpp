// The claim: a scenario speaks JSON-RPC with servers that it starts, and with one at a URL; each error is counted as
// its kind; and no process is left, whoever dies.
#include "squall_process.hpp"
#include "steps.hpp"

#include "catch.hpp"
#include "result/result_file.hpp"

#include <algorithm>

using namespace squall;
using namespace squall::cli::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* churn = R"(duration = "2s"
primer = "0s"
quiesce = "0s"
[stack.service.mcp]
command = "squall-target --stdio --notes ${run_folder}/notes/${seq}.sqlite"
stdio = true
[[user]]
name = "all"
arrival = { closed = 3 }
connection = "per_iteration"
  [[user.step]]
  rpc = "initialize"
  server = "mcp"
  params = { protocolVersion = "2025-06-18" }
  expect = { json = { "/result/serverInfo/name" = "squall-target" } }
  [[user.step]]
  rpc = "notifications/initialized"
  server = "mcp"
  notification = true
  [[user.step]]
  name = "remember"
  rpc = "tools/call"
  server = "mcp"
  params = { name = "remember", arguments = { key = "a", text = "1 \"quoted\"" } }
  [[user.step]]
  name = "recall"
  rpc = "tools/call"
  server = "mcp"
  params = { name = "recall", arguments = { key = "a" } }
  expect = { json = { "/result/content/0/text" = "1 \"quoted\"" } }
  save = { text = "json:/result/content/0/text" }
  [[user.step]]
  name = "expected"
  rpc = "no/such"
  server = "mcp"
  expect = { json = { "/error/code" = -32601 } }
  [[user.step]]
  name = "refused"
  rpc = "no/such"
  server = "mcp"
  expect = { error = "-32601: .Method not found" }
  [[user.step]]
  name = "wrong"
  rpc = "no/such"
  server = "mcp"
  on_error = "continue"
  [[user.step]]
  stop_server = "mcp"
[[probe]]
name = "locks"
files = "${run_folder}/notes/*.lock"
[slo]
checks = ["requests > 3", "gauge[mcp.processes].max < 10", "gauge[mcp.rss].max > 100KiB", "gauge[locks.count].max < 10"]
)";

/// One user over a service that is a shell script.
std::string bad_server(const std::string& script)
{
    return "duration = \"1s\"\nprimer = \"0s\"\nquiesce = \"0s\"\n[stack.service.bad]\nstdio = true\nstop_grace = "
           "\"500ms\"\ncommand = '''" +
           script +
           "'''\n[[user]]\nname = \"u\"\narrival = { closed = 2 }\nthink = \"100ms\"\n[[user.step]]\nname = "
           "\"call\"\nrpc "
           "= \"ping\"\ntimeout = \"300ms\"\n[slo]\nchecks = [\"requests > 1\"]\n";
}

bool runs(const Workplace& place, const std::string& words)
{
    const auto all = place.processes();
    return std::ranges::any_of(
        all, [&words](const auto& process) { return process.command.find(words) != std::string::npos; });
}

/// With one that does not end because its stdin does.
std::string long_churn()
{
    std::string text = churn;
    text.replace(text.find("\"2s\""), 4, "\"60s\"");
    text.insert(text.find("[[user]]"), "[stack.service.deaf]\ncommand = \"sleep 987\"\nstdio = true\n"
                                       "[[user]]\nname = \"deaf\"\narrival = { closed = 1 }\n[[user.step]]\n"
                                       "rpc = \"hello\"\nserver = \"deaf\"\nnotification = true\n"
                                       "[[user.step]]\npause = \"60s\"\n");
    return text;
}

} // namespace

TEST_CASE("users start servers over stdio, speak with them and stop them")
{
    Workplace place;
    place.write("churn.toml", churn);
    const auto checked = place.squall({"check", "churn.toml"});
    CHECK_THAT(checked.out, ContainsSubstring("runs the command of stdio service mcp"));
    CHECK_THAT(checked.out, ContainsSubstring("squall-target --stdio --notes"));

    const auto ended = place.squall({"run", "churn.toml", "--out", "run"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 0);
    const auto read = result::read_result(place.path() / "run");
    REQUIRE(read.has_value());
    for (const auto* name : {"initialize", "initialize/start", "notifications/initialized", "remember", "recall",
                             "expected", "refused", "stop mcp"}) {
        CAPTURE(name);
        CHECK(step_of(*read, name).requests > 3);
        CHECK(step_of(*read, name).errors == 0);
    }
    const auto& wrong = step_of(*read, "wrong");
    CHECK(wrong.errors_by_kind.at("rpc_error") == wrong.requests);
    CHECK_THAT(ended.out, ContainsSubstring("error -32601"));
    CHECK_THAT(place.read("run/logs/mcp.log"), ContainsSubstring("speaks MCP over stdio"));
    for (const auto& entry : std::filesystem::directory_iterator(place.path() / "run/notes")) {
        CHECK(entry.path().extension() == ".sqlite");
    }
    CHECK(place.remains(ended.err).empty());
}

TEST_CASE("what a bad server over stdio does is counted as its kind")
{
    const std::vector<std::pair<std::string, std::string>> bad{
        {"while read -r line; do echo junk; done", "rpc_protocol"},
        {"read -r line; exit 4", "server_exited"},
        {"while read -r line; do :; done", "timeout"},
        {"trap \"\" TERM; while :; do sleep 1; done", "timeout"},
    };
    for (const auto& [script, kind] : bad) {
        CAPTURE(script);
        Workplace place;
        place.write("bad.toml", bad_server(script));
        const auto ended = place.squall({"run", "bad.toml", "--out", "run"});
        INFO(ended.out << ended.err);
        const auto read = result::read_result(place.path() / "run");
        REQUIRE(read.has_value());
        const auto& call = step_of(*read, "call");
        CHECK(call.requests > 1);
        CHECK(call.errors_by_kind.at(kind) == call.errors);
        CHECK(place.remains(ended.err).empty());
    }
}

TEST_CASE("a program that is missing is told before anything starts")
{
    Workplace place;
    place.write("missing.toml", bad_server("no-such-server --stdio"));
    const auto ended = place.squall({"run", "missing.toml"});
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring("there is no program no-such-server"));
}

TEST_CASE("no server outlives squall, whether it is interrupted or killed")
{
    for (const int signal : {SIGINT, SIGKILL}) {
        CAPTURE(signal);
        Workplace place;
        place.write("churn.toml", long_churn());
        const auto running = place.start({"run", "churn.toml", "--out", "run"});
        REQUIRE(eventually([&place] { return runs(place, "--stdio") && runs(place, "sleep 987"); }, 60s));
        running->kill(signal);
        (void)running->wait(20s);
        CHECK(eventually([&place] { return !runs(place, "--stdio") && !runs(place, "sleep 987"); }, 5s));
    }
}

TEST_CASE("the target speaks MCP over HTTP, a session a user")
{
    Workplace place;
    place.write("http.toml", R"(duration = "2s"
primer = "0s"
quiesce = "0s"
[stack]
postgres = {}
target = {}
[[setup]]
rpc = "initialize"
server = "${api}/mcp"
[[user]]
name = "client"
arrival = { closed = 3 }
think = "10ms"
  [[user.step]]
  rpc = "initialize"
  server = "${api}/mcp"
  params = { protocolVersion = "2025-06-18" }
  [[user.step]]
  name = "remember"
  rpc = "tools/call"
  server = "${api}/mcp"
  params = { name = "remember", arguments = { key = "${uuid}", text = "x" } }
  expect = { json = { "/result/isError" = false } }
  [[user.step]]
  stop_server = "${api}/mcp"
[[user]]
name = "stranger"
arrival = { closed = 1 }
think = "50ms"
  [[user.step]]
  name = "uninvited"
  rpc = "tools/list"
  server = "${api}/mcp"
[slo]
checks = ["requests > 10"]
)");
    const auto ended = place.squall({"run", "http.toml", "--out", "run"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 0);
    const auto read = result::read_result(place.path() / "run");
    REQUIRE(read.has_value());
    for (const auto* name : {"initialize", "remember", "stop ${api}/mcp"}) {
        CAPTURE(name);
        CHECK(step_of(*read, name).requests > 3);
        CHECK(step_of(*read, name).errors == 0);
    }
    CHECK(step_of(*read, "uninvited").errors_by_kind.at("status") > 0);
    CHECK(std::filesystem::exists(place.path() / "run/notes.sqlite"));
    CHECK_FALSE(std::filesystem::exists(place.path() / "run/notes.sqlite.lock"));
    CHECK(place.remains(ended.err).empty());
}
