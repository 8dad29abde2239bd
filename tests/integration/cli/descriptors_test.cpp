// The claim: however many connections a run makes and however they end, the descriptors of squall are after the load
// what they were before it; those of WebSockets that vanish alone stay, up to the limit that the manual names.
#include "squall_process.hpp"
#include "steps.hpp"

#include "catch.hpp"
#include "result/result_file.hpp"

#include <algorithm>

using namespace squall;
using namespace squall::cli::test;
using namespace std::chrono_literals;

namespace {

/// Ten thousand connections each over HTTP, Redis and WebSockets.
constexpr const char* churn = R"(primer = "1s"
duration = "10s"
quiesce = "4s"
[stack]
postgres = {}
redis = {}
target = {}
[[user]]
name = "visitor"
arrival = { rate = "1000/s" }
connection = "per_iteration"
  [[user.step]]
  name = "page"
  http = "GET ${api}/health/live"
[[user]]
name = "reader"
arrival = { rate = "1000/s" }
  [[user.step]]
  name = "key"
  redis = "GET key"
  connection = "per_call"
[[user]]
name = "chatter"
arrival = { rate = "1000/s" }
  [[user.step]]
  name = "room"
  ws = "${ws}/ws/rooms/${random.int(1,200)}"
  hold = "0ms..20ms"
  leave = { normal = 0.6, abrupt = 0.4 }
)";

/// Six thousand WebSockets that vanish, at a server (Debian's python3-websockets) that takes any number.
constexpr const char* vanishing = R"(primer = "1s"
duration = "10s"
quiesce = "2s"
[stack.service.chat]
command = "exec /usr/bin/python3 service.py ${port}"
ready = "tcp://127.0.0.1:${port}"
url = "ws://127.0.0.1:${port}"
[[user]]
name = "phone"
arrival = { rate = "600/s" }
  [[user.step]]
  name = "room"
  ws = "${chat}/"
  hold = "0ms..20ms"
  leave = { vanish = 1 }
)";

constexpr const char* service = R"(import asyncio, sys
import websockets

async def main():
    async with websockets.serve(lambda socket, path: socket.wait_closed(), "127.0.0.1", int(sys.argv[1]),
                                ping_interval=None, compression=None):
        await asyncio.Future()

asyncio.run(main())
)";

constexpr std::uint64_t connections = 10'000;
constexpr std::ptrdiff_t squalls_own = 60; // descriptors that are no user's, at most
constexpr std::ptrdiff_t most_vanished = 4000;

std::ptrdiff_t descriptors_of(pid_t pid)
{
    std::error_code error;
    const std::filesystem::directory_iterator entries(fmt::format("/proc/{}/fd", pid), error);
    return error ? -1 : std::distance(entries, std::filesystem::directory_iterator());
}

struct Churned {
    std::ptrdiff_t before = 0; // between primer and load
    std::ptrdiff_t after = 0;  // between load and end
    result::RunResult run;
};

Churned churned(const char* scenario)
{
    Workplace place;
    place.write("scenario.toml", scenario);
    place.write("service.py", service);
    const auto squall = place.start({"run", "scenario.toml", "--out", "out", "--threads", "1"});
    Churned churned;
    const auto begun = [&place](const std::string& phase) {
        const auto stamp = fmt::format(R"("text":"{}")", phase);
        const auto journal = place.path() / "out/journal.squall";
        return eventually(
            [&] { return exists(journal) && place.read("out/journal.squall").find(stamp) != std::string::npos; }, 60s);
    };
    const bool settled = begun("settle");
    churned.before = descriptors_of(squall->pid());
    const bool quiet = begun("quiesce");
    churned.after = descriptors_of(squall->pid());
    const auto ended = squall->wait();
    INFO(ended.out << ended.err);
    REQUIRE(settled);
    REQUIRE(quiet);
    REQUIRE(ended.exit_code == 0);
    churned.run = result::read_result((place.path() / "out/result.json").string()).value();
    return churned;
}

} // namespace

TEST_CASE("ten thousand connections over HTTP, Redis and WebSockets each leave no descriptor behind")
{
    const auto [before, after, run] = churned(churn);
    for (const std::string name : {"page", "key", "room"}) {
        INFO(name);
        const auto& step = step_of(run, name);
        CHECK(step.requests >= connections);
        CHECK(step.errors < connections / 10); // a slow machine's target may refuse some
    }
    CHECK(before > 0);
    CHECK(before < squalls_own);
    CHECK(after == before);
}

TEST_CASE("WebSockets that vanish keep their descriptors, four thousand at most")
{
    const auto [before, after, run] = churned(vanishing);
    const auto& step = step_of(run, "room");
    CHECK(step.requests - step.errors > static_cast<std::uint64_t>(most_vanished + squalls_own));
    CHECK(after >= most_vanished);
    CHECK(after < most_vanished + squalls_own);
}
