// The target's MCP, over stdio and over HTTP, seen from outside: what it answers, and what it leaves behind.
#include "integration/target/target_process.hpp"

#include <fstream>
#include <sstream>

using namespace squall::testing;

namespace {

constexpr const char* initialize = R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{}})";

struct Said {
    int code = -1;
    std::vector<boost::json::value> lines;
};

/// Gives the lines to a target over stdio, whose stdin then ends; what it said, and its exit code.
Said speak(const files::path& folder, const std::string& lines, const std::string& options = "")
{
    std::ofstream(folder / "in") << lines;
    const auto command = "exec " SQUALL_BIN_DIR "/squall-target --stdio --notes " + (folder / "notes.sqlite").string() +
                         " " + options + " <" + (folder / "in").string() + " >" + (folder / "out").string();
    ChildProcess process({"/bin/sh", "-c", command}, folder / "log", false);
    const int status = process.wait();
    Said said{WIFEXITED(status) ? WEXITSTATUS(status) : -1, {}};
    std::ifstream file(folder / "out");
    for (std::string line; std::getline(file, line);) {
        said.lines.push_back(boost::json::parse(line));
    }
    return said;
}

std::string line(const std::string& id, const std::string& method, const std::string& params = "{}")
{
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" + params + "}\n";
}

std::string tool(const std::string& id, const std::string& name, const std::string& arguments)
{
    return line(id, "tools/call", R"({"name":")" + name + R"(","arguments":)" + arguments + "}");
}

std::int64_t threads_of(const TargetProcess& target)
{
    const auto page = target.client().get("/metrics").body;
    const std::string name = "\nprocess_threads ";
    const auto at = page.find(name);
    return at == std::string::npos ? -1 : std::stoll(page.substr(at + name.size()));
}

/// Begins so many sessions and ends each.
int sessions(const TargetProcess& target, int count)
{
    auto client = target.client();
    int begun = 0;
    for (int i = 0; i < count; ++i) {
        begun += client.send(http::verb::post, "/mcp", initialize).status == 200 ? 1 : 0;
    }
    return begun;
}

} // namespace

TEST_CASE("over stdio each request has its answer, and a notification none")
{
    const ServerFolder folder;
    const auto said = speak(
        folder.path(), std::string(initialize) + "\n" + R"({"jsonrpc":"2.0","method":"notifications/initialized"})" +
                           "\n\n" + tool("2", "remember", R"({"key":"a","text":"b"})") +
                           tool("\"x\"", "recall", R"({"key":"a"})") + tool("4", "recall", R"({"key":"z"})") +
                           line("5", "tools/list") + line("6", "ping") + line("7", "shutdown"));
    CHECK(said.code == 0);
    REQUIRE(said.lines.size() == 7);
    CHECK(said.lines[0].at_pointer("/result/serverInfo/name") == "squall-target");
    CHECK(said.lines[2].at("id") == "x");
    CHECK(said.lines[2].at_pointer("/result/content/0/text") == "b");
    CHECK(said.lines[3].at_pointer("/result/isError") == true);
    CHECK(said.lines[4].at_pointer("/result/tools").as_array().size() == 2);
}

TEST_CASE("over stdio what is wrong has the code that JSON-RPC gives it")
{
    const ServerFolder folder;
    const auto said = speak(folder.path(), "nonsense\n[]\n" + line("1", "no/such") + tool("2", "forget", "{}") +
                                               tool("3", "recall", "{}"));
    REQUIRE(said.lines.size() == 5);
    const std::vector<int> codes{-32700, -32600, -32601, -32602, -32602};
    for (std::size_t at = 0; at < codes.size(); ++at) {
        CHECK(said.lines[at].at_pointer("/error/code") == codes[at]);
    }
}

TEST_CASE("at its end, by stdin or \"exit\", the notes are closed; lock_left_behind leaves the lock and the log")
{
    const auto remember = tool("1", "remember", R"({"key":"a","text":"b"})");
    for (const std::string last : {"", "{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}\n"}) {
        const ServerFolder folder;
        CHECK(speak(folder.path(), remember + last).code == 0);
        CHECK_FALSE(files::exists(folder.path() / "notes.sqlite.lock"));
        CHECK_FALSE(files::exists(folder.path() / "notes.sqlite-wal"));

        CHECK(speak(folder.path(), remember + last, "--defect lock_left_behind").code == 0);
        CHECK(files::exists(folder.path() / "notes.sqlite.lock"));
        CHECK(files::exists(folder.path() / "notes.sqlite-wal"));

        // Whoever comes next finds a dead owner, and what was written.
        const auto next = speak(folder.path(), tool("1", "recall", R"({"key":"a"})"));
        REQUIRE(next.lines.size() == 1);
        CHECK(next.lines[0].at_pointer("/result/content/0/text") == "b");
        CHECK_FALSE(files::exists(folder.path() / "notes.sqlite.lock"));
    }
}

TEST_CASE("over HTTP nobody speaks without a session, and all share one connection")
{
    const PostgresServer postgres;
    const ServerFolder folder;
    const auto notes = folder.path() / "notes.sqlite";
    {
        TargetProcess target(postgres.url(), {"--notes", notes.string()});
        auto client = target.client();
        CHECK(client.send(http::verb::post, "/mcp", line("1", "ping")).status == 400);
        const auto before = threads_of(target);
        CHECK(sessions(target, 20) == 20);
        CHECK(threads_of(target) == before);
        CHECK(files::exists(notes.string() + ".lock"));
        CHECK(WEXITSTATUS(target.stop(SIGTERM)) == 0);
    }
    CHECK_FALSE(files::exists(notes.string() + ".lock"));

    const TargetProcess without(postgres.url(), {});
    CHECK(without.client().send(http::verb::post, "/mcp", initialize).status == 503);
}

TEST_CASE("connection_per_client has a thread more for each session, for ever")
{
    const PostgresServer postgres;
    const ServerFolder folder;
    const TargetProcess target(postgres.url(),
                               {"--notes", (folder.path() / "n.sqlite").string(), "--defect", "connection_per_client"});
    const auto before = threads_of(target);
    REQUIRE(before > 0);
    CHECK(sessions(target, 20) == 20);
    CHECK(threads_of(target) == before + 20);
}
