#include "support.hpp"

using namespace squall::scenario;
using namespace squall::scenario::testing;

namespace {

std::string with_step(const std::string& keys)
{
    return "[[user]]\nname = \"u\"\narrival = { closed = 1 }\n[[user.step]]\n" + keys;
}

Step step_of(const std::string& keys)
{
    return parsed(with_step(keys)).users.at(0).steps.at(0);
}

RpcStep rpc_of(const std::string& keys)
{
    return std::get<RpcStep>(step_of(keys).action);
}

} // namespace

TEST_CASE("a call of JSON-RPC has a method, a server and parameters")
{
    const auto step = step_of("rpc = \"tools/call\"\nserver = \"${api}/mcp\"\nheaders = { a = \"b\" }\n"
                              "params = { name = \"x ${y}\", deep = [1, true] }\n"
                              "expect = { json = { \"/result/a\" = 1 } }\nsave = { b = \"json:/result/b\" }\n");
    const auto& rpc = std::get<RpcStep>(step.action);
    CHECK(step.name == "tools/call");
    CHECK(rpc.kind == RpcStep::Kind::call);
    CHECK(rpc.server.source == "${api}/mcp");
    CHECK(rpc.params->source == R"({"name":"x ${y}","deep":[1,true]})");
    CHECK(rpc.headers.at(0).first == "a");
    CHECK(step.expect.json.at(0).pointer == "/result/a");
    CHECK(step.save.at(0).name == "b");
    CHECK(step_of("rpc = \"p\"\nexpect = { error = \"-32601\" }\n").expect.error == "-32601");
    CHECK_FALSE(rpc_of("rpc = \"ping\"\n").params);
    CHECK(rpc_of("rpc = \"ping\"\nparams = [1]\n").params->source == "[1]");
}

TEST_CASE("a notification has no answer to look at")
{
    CHECK(rpc_of("rpc = \"n\"\nnotification = true\n").kind == RpcStep::Kind::notification);
    CHECK(rpc_of("rpc = \"n\"\nnotification = false\n").kind == RpcStep::Kind::call);
    CHECK(problems(with_step("rpc = \"n\"\nnotification = true\nexpect = { json = { \"/a\" = 1 } }\n")).size() == 1);
    CHECK(problems(with_step("rpc = \"n\"\nnotification = true\nsave = { a = \"json:/a\" }\n")).size() == 1);
}

TEST_CASE("a server is stopped in order, killed, or by shares either way")
{
    const auto step = step_of("stop_server = \"mcp\"\nleave = { stop = 0.8, kill = 0.2 }\n");
    const auto& rpc = std::get<RpcStep>(step.action);
    CHECK(step.name == "stop mcp");
    CHECK(rpc.kind == RpcStep::Kind::stop);
    CHECK(rpc.server.source == "mcp");
    CHECK(rpc.killed == 0.2);
    CHECK(rpc_of("stop_server = \"mcp\"\n").killed == 0);
    CHECK(rpc_of("stop_server = \"mcp\"\nleave = { kill = 1 }\n").killed == 1);
    CHECK(problems(with_step("stop_server = \"mcp\"\nleave = { stop = 0.5 }\n")).size() == 1);
}

TEST_CASE("what is wrong with a call is told where it stands")
{
    CHECK(problems(with_step("rpc = \"n\"\nparams = 5\n")).at(0).find("array") != std::string::npos);
    CHECK(problems(with_step("rpc = \"n\"\nexpect = { status = 200 }\n")).size() == 1);
    CHECK(problems(with_step("rpc = 5\n")).size() == 1);
    CHECK(problems(with_step("rpc = \"n\"\nhttp = \"GET ${api}/\"\n")).size() == 1);
}

TEST_CASE("a service over stdio has no address")
{
    const auto service =
        parsed("[stack.service.mcp]\ncommand = \"a\"\nstdio = true\nstop_grace = \"1s\"\n" + with_step("rpc = \"n\"\n"))
            .stack.services.at(0);
    CHECK(service.stdio);
    for (const auto* key :
         {"ready = \"tcp://127.0.0.1:1\"", "url = \"http://a\"", "port = 5", "ready_timeout = \"1s\""}) {
        CAPTURE(key);
        CHECK(problems("[stack.service.mcp]\ncommand = \"a\"\nstdio = true\n" + std::string(key) + "\n" +
                       with_step("rpc = \"n\"\n"))
                  .size() == 1);
    }
}
