// Servers over stdio: the real one, and every way in which one can behave badly.
#include "drivers/stdio_server.hpp"

#include "drivers/stderr_log.hpp"

#include "catch.hpp"
#include "integration/servers.hpp"

#include <boost/json.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

using namespace std::chrono_literals;

namespace squall::drivers {
namespace {

using measure::ErrorKind;
using squall::testing::ServerFolder;

constexpr const char* real_server = SQUALL_BIN_DIR "/squall-target";

std::size_t count_in(const std::filesystem::path& folder)
{
    const std::filesystem::directory_iterator entries(folder);
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

std::size_t open_descriptors()
{
    return count_in("/proc/self/fd");
}

bool has_children()
{
    return ::waitpid(-1, nullptr, WNOHANG) == 0;
}

class ServerFixture {
public:
    ServerFixture() : events(io.get_executor(), clock), context(events, clock, &registry) {}
    ~ServerFixture()
    {
        leave();
        run(context.all_ended());
    }

    void leave()
    {
        if (server) {
            server->retire();
            server.reset();
        }
    }

    void run(wire::Flow<> flow)
    {
        bool done = false;
        wire::start(std::move(flow), [&done](std::exception_ptr thrown) {
            done = true;
            if (thrown) {
                std::rethrow_exception(thrown);
            }
        });
        io.restart();
        while (!done) {
            io.run_one();
        }
    }

    Failure start(std::vector<std::string> argv, Duration grace = 3s, int log = -1)
    {
        StdioStart how;
        how.child.argv = std::move(argv);
        how.child.environment = {"PATH=/usr/bin:/bin"};
        how.child.directory = "/";
        how.child.log = log;
        how.grace = grace;
        leave();
        server = StdioServer::make(context);
        return server->start(how);
    }
    /// A few lines of shell as the server.
    void start_script(const std::string& script, Duration grace = 3s)
    {
        const auto failure = start({"/bin/sh", "-c", script}, grace);
        REQUIRE_FALSE(failure);
    }

    RpcExchange call(std::string_view method, std::string_view params = {}, Duration timeout = 10s)
    {
        const RpcRequest request{method, params, false};
        return perform(request, timeout);
    }
    RpcExchange notify(std::string_view method)
    {
        const RpcRequest request{method, {}, true};
        return perform(request, 10s);
    }
    RpcExchange stop(bool killed, Duration timeout = 10s)
    {
        RpcExchange exchange;
        const auto now = clock.now();
        exchange.started = exchange.ended = now;
        run(server->stop(killed, {now, now + timeout}, exchange));
        return exchange;
    }

    SteadyClock clock;
    asio::io_context io{1};
    wire::ThreadEvents events;
    ChildRegistry registry{1};
    StdioContext context;
    std::shared_ptr<StdioServer> server;

private:
    RpcExchange perform(const RpcRequest& request, Duration timeout)
    {
        RpcExchange exchange;
        const auto now = clock.now();
        exchange.started = exchange.ended = now;
        run(server->call(request, {now, now + timeout}, exchange));
        return exchange;
    }
};

/// Reads a call and answers it; "$1" is written before.
const std::string answers = "answer() { read -r line; id=${line#*'\"id\":'}; id=${id%%,*}; "
                            "printf '%s{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{}}\\n' \"$1\" \"$id\"; }\n";

} // namespace

TEST_CASE("the real server is started, asked and stopped, and leaves neither lock nor log behind")
{
    const ServerFolder folder;
    const auto notes = (folder.path() / "notes.sqlite").string();
    ServerFixture fixture;
    REQUIRE_FALSE(fixture.start({real_server, "--stdio", "--notes", notes}));
    const auto first = fixture.call("initialize", R"({"protocolVersion":"2025-06-18"})");
    REQUIRE(first.failure.text == "");
    CHECK(first.answer->at_pointer("/result/serverInfo/name") == "squall-target");
    CHECK(first.phases.waiting > Duration::zero());
    CHECK_FALSE(fixture.notify("notifications/initialized").failure);
    CHECK_FALSE(
        fixture.call("tools/call", R"({"name":"remember","arguments":{"key":"soup","text":"is hot"}})").failure);
    const auto recalled = fixture.call("tools/call", R"({"name":"recall","arguments":{"key":"soup"}})");
    REQUIRE_FALSE(recalled.failure);
    CHECK(recalled.answer->at_pointer("/result/content/0/text") == "is hot");
    CHECK(std::filesystem::exists(notes + ".lock"));
    CHECK(std::filesystem::exists(notes + "-wal"));

    const auto unknown = fixture.call("no/such");
    CHECK(unknown.failure.kind == ErrorKind::rpc_error);
    CHECK(unknown.failure.text == "error -32601: \"Method not found\"");
    REQUIRE(unknown.answer != nullptr);

    CHECK(fixture.stop(false).failure.text == "");
    CHECK_FALSE(std::filesystem::exists(notes + ".lock"));
    CHECK_FALSE(std::filesystem::exists(notes + "-wal"));
    CHECK_FALSE(has_children());
}

TEST_CASE("a large message goes both ways")
{
    const ServerFolder folder;
    ServerFixture fixture;
    REQUIRE_FALSE(fixture.start({real_server, "--stdio", "--notes", (folder.path() / "n.sqlite").string()}));
    const std::string text(3'000'000, 'x'); // far more than a pipe or a socket takes at once
    CHECK(fixture.call("tools/call", R"({"name":"remember","arguments":{"key":"a","text":")" + text + "\"}}")
              .failure.text == "");
    const auto recalled = fixture.call("tools/call", R"({"name":"recall","arguments":{"key":"a"}})");
    REQUIRE(recalled.failure.text == "");
    CHECK(recalled.answer->at_pointer("/result/content/0/text").as_string().size() == text.size());
}

TEST_CASE("a lock of a process that was killed is taken over by the next")
{
    const ServerFolder folder;
    const auto notes = (folder.path() / "notes.sqlite").string();
    for (int round = 0; round < 2; ++round) {
        ServerFixture fixture;
        REQUIRE_FALSE(fixture.start({real_server, "--stdio", "--notes", notes}));
        CHECK(fixture.call("initialize").failure.text == "");
        CHECK(fixture.stop(true).failure.text == "");
        CHECK(std::filesystem::exists(notes + ".lock"));
    }
    ServerFixture one;
    ServerFixture other;
    REQUIRE_FALSE(one.start({real_server, "--stdio", "--notes", notes}));
    CHECK(one.call("initialize").failure.text == "");
    REQUIRE_FALSE(other.start({real_server, "--stdio", "--notes", notes}));
    const auto refused = other.call("initialize");
    CHECK(refused.failure.kind == ErrorKind::server_exited);
    CHECK(refused.failure.text == "the server exited with code 1 in the middle of a call");
}

TEST_CASE("a program that is not there cannot be started, and one that ends is told with its end")
{
    ServerFixture fixture;
    const auto missing = fixture.start({"/no/such/program"});
    CHECK(missing.kind == ErrorKind::start_failed);
    CHECK(missing.text == "/no/such/program could not be executed: No such file or directory");
    CHECK(fixture.start({"/etc/passwd"}).kind == ErrorKind::start_failed);

    fixture.start_script("read -r line; exit 3");
    const auto exited = fixture.call("ping");
    CHECK(exited.failure.kind == ErrorKind::server_exited);
    CHECK(exited.failure.text == "the server exited with code 3 in the middle of a call");

    fixture.start_script("read -r line; kill -SEGV $$");
    CHECK(fixture.call("ping").failure.text.find("signal 11") != std::string::npos);
    CHECK(fixture.call("ping").failure.text.find("before the call") != std::string::npos);
    CHECK_FALSE(has_children());
}

TEST_CASE("junk on stdout is an error of its call, and the next call is answered")
{
    ServerFixture fixture;
    fixture.start_script(answers + "answer 'Server listening on port 3000\n'; answer ''; answer ''");
    const auto junk = fixture.call("ping");
    CHECK(junk.failure.kind == ErrorKind::rpc_protocol);
    CHECK(junk.failure.text.find("Server listening on port 3000") != std::string::npos);
    CHECK(fixture.call("ping").failure.text == ""); // the late answer to the first is ignored
    CHECK(fixture.call("ping").failure.text == "");
}

TEST_CASE("a line without end is read no further than the limit, in bounded memory")
{
    ServerFixture fixture;
    fixture.start_script("read -r line; head -c 1073741824 /dev/zero; cat");
    rusage before{};
    getrusage(RUSAGE_SELF, &before);
    const auto endless = fixture.call("ping", {}, 60s);
    rusage after{};
    getrusage(RUSAGE_SELF, &after);
    CHECK(endless.failure.kind == ErrorKind::response_too_large);
    CHECK(after.ru_maxrss - before.ru_maxrss < 128 * 1024);
    fixture.run(fixture.context.all_ended());
    CHECK_FALSE(has_children());
}

TEST_CASE("a server that never answers is a timeout, and so is one that does not read")
{
    ServerFixture fixture;
    fixture.start_script("cat >/dev/null");
    const auto silent = fixture.call("ping", {}, 100ms);
    CHECK(silent.failure.kind == ErrorKind::timeout);
    CHECK(silent.failure.text.find("no answer within") != std::string::npos);

    fixture.start_script("exec sleep 100");
    const std::string much = "\"" + std::string(4'000'000, 'x') + "\"";
    const auto deaf = fixture.call("ping", much, 100ms);
    CHECK(deaf.failure.kind == ErrorKind::timeout);
    CHECK(deaf.failure.text.find("did not read") != std::string::npos);
}

TEST_CASE("a server that closes its stdout and runs on has ended as far as its user can see")
{
    ServerFixture fixture;
    fixture.start_script("exec >&-; cat >/dev/null");
    const auto closed = fixture.call("ping");
    CHECK(closed.failure.kind == ErrorKind::server_exited);
    CHECK(closed.failure.text.find("closed its stdout") != std::string::npos);
}

TEST_CASE("what the server asks is refused, and notifications are passed over")
{
    const ServerFolder folder;
    const auto heard = (folder.path() / "heard").string();
    ServerFixture fixture;
    fixture.start_script(answers + R"(read -r first
printf '{"jsonrpc":"2.0","id":"s1","method":"roots/list"}\n{"jsonrpc":"2.0","method":"notifications/message"}\n'
read -r reply; echo "$reply" > )" +
                         heard + R"(
printf '{"jsonrpc":"2.0","id":1,"result":{}}\n'; cat >/dev/null)");
    CHECK(fixture.call("ping").failure.text == "");
    std::ifstream file(heard);
    std::string reply;
    std::getline(file, reply);
    CHECK(reply == R"({"jsonrpc":"2.0","id":"s1","error":{"code":-32601,"message":"Method not found"}})");
}

TEST_CASE("one that does not end with its stdin gets SIGTERM, and one that ignores that, SIGKILL")
{
    ServerFixture fixture;
    fixture.start_script("exec sleep 100", 100ms);
    const auto terminated = fixture.stop(false);
    CHECK(terminated.failure.text == "");
    CHECK(terminated.ended - terminated.started >= 50ms);

    fixture.start_script("trap '' TERM; while :; do sleep 1; done", 200ms);
    const auto killed = fixture.stop(false);
    CHECK(killed.failure.kind == ErrorKind::timeout);
    CHECK(killed.failure.text.find("was killed") != std::string::npos);
    CHECK(killed.ended - killed.started >= 200ms);

    fixture.start_script("read -r line; exit 7");
    CHECK(fixture.stop(false).failure.text == "the server exited with code 7 when it was to end");
    CHECK_FALSE(has_children()); // nor what the scripts had started: their groups were killed
}

TEST_CASE("what a server starts goes with it")
{
    const ServerFolder folder;
    const auto number = (folder.path() / "pid").string();
    ServerFixture fixture;
    fixture.start_script("sleep 1000 & echo $! > " + number + "; " + answers + "answer ''; cat >/dev/null");
    REQUIRE(fixture.call("ping").failure.text == "");
    pid_t grandchild = 0;
    std::ifstream(number) >> grandchild;
    REQUIRE(grandchild > 0);
    CHECK(fixture.stop(false).failure.text == "");
    squall::testing::wait_until_ready([grandchild] { return ::kill(grandchild, 0) != 0; }, number);
}

TEST_CASE("who lets go of a server in the middle of a call gets it cancelled, and the server ends by itself")
{
    ServerFixture fixture;
    fixture.start_script("cat >/dev/null");
    RpcExchange exchange;
    const RpcRequest request{"ping", {}, false};
    const auto now = fixture.clock.now();
    bool done = false;
    wire::start(fixture.server->call(request, {now, now + 10s}, exchange),
                [&done](std::exception_ptr) { done = true; });
    CHECK(fixture.registry.alive(0).size() == 1);
    fixture.server->retire();
    while (!done) {
        fixture.io.run_one();
    }
    CHECK(exchange.failure.kind == ErrorKind::cancelled);
    fixture.server.reset();
    fixture.run(fixture.context.all_ended());
    CHECK(fixture.registry.alive(0).empty());
    CHECK_FALSE(has_children());
}

TEST_CASE("stderr is kept in a file up to its limit, and the server is never held up")
{
    const ServerFolder folder;
    const auto path = (folder.path() / "log").string();
    ServerFixture fixture;
    {
        StderrLog log(fixture.events, path, 1000);
        REQUIRE_FALSE(
            fixture.start({"/bin/sh", "-c", answers + "head -c 1000000 /dev/zero | tr '\\0' x >&2; answer ''"}, 3s,
                          log.descriptor()));
        CHECK(fixture.call("ping").failure.text == "");
        CHECK(fixture.stop(false).failure.text == "");
        log.close();
    }
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    CHECK(text.str().substr(0, 1000) == std::string(1000, 'x'));
    CHECK(text.str().substr(1000) == "\n[squall: more was said, and not kept]\n");
}

TEST_CASE("ten thousand servers, stopped and killed, leave no descriptor and no child behind")
{
    constexpr int rounds = 10'000;
    {
        ServerFixture warm;
        warm.start_script("cat >/dev/null");
        (void)warm.stop(true);
    }
    const auto before = open_descriptors();
    {
        ServerFixture fixture;
        int failed = 0;
        for (int round = 0; round < rounds; ++round) {
            if (fixture.start({"/bin/cat"})) {
                ++failed;
                continue;
            }
            // cat says what it hears: a call is a request of the server's, which is no answer
            failed += fixture.stop(round % 2 == 0).failure ? 1 : 0;
        }
        CHECK(failed == 0);
    }
    CHECK(open_descriptors() == before);
    CHECK_FALSE(has_children());
}

} // namespace squall::drivers
