#include "plan/plan.hpp"
#include "plan/stdio_service.hpp"
#include "scenario/parse.hpp"

#include "catch.hpp"

#include <cstdlib>

namespace squall::plan {
namespace {

using Words = std::vector<std::string>;

constexpr const char* service = "[stack.service.mcp]\ncommand = \"sh -c 'cat' ${run_folder}/${seq} ${data}\"\n"
                                "stdio = true\nenvironment = { A = \"<${data}>\" }\n";
constexpr const char* user = "[[user]]\nname = \"u\"\narrival = { closed = 1 }\nvariables = { data = \"d\" }\n"
                             "[[user.step]]\n";

PlanOutcome plan_of(const std::string& steps, const std::string& stack = service)
{
    auto parsed =
        scenario::parse_text("[endpoints]\napi = \"http://127.0.0.1:9\"\n" + stack + user + steps, "s.toml", {});
    REQUIRE(parsed.problems.empty());
    return make_plan(parsed.scenario);
}

std::string problem_of(const std::string& steps, const std::string& stack = service)
{
    const auto outcome = plan_of(steps, stack);
    REQUIRE(outcome.problems.size() == 1);
    return outcome.problems[0].message;
}

const RpcAction& action_of(const PlanOutcome& outcome, std::size_t step)
{
    return std::get<RpcAction>(outcome.plan->populations.at(0).steps.at(step).action);
}

} // namespace

TEST_CASE("a plain command is split into words as a shell splits it")
{
    CHECK(split_plain_command("a  b\t'c d' \"e f\"g ''") == Words{"a", "b", "c d", "e fg", ""});
    CHECK(split_plain_command("run --file=${run_folder}/a b.sqlite ${random.int(1, 2)}") ==
          Words{"run", "--file=${run_folder}/a", "b.sqlite", "${random.int(1, 2)}"});
    CHECK(split_plain_command("./A=b/c") == Words{"./A=b/c"});
    CHECK(split_plain_command("'|' '$A'") == Words{"|", "$A"});
}

TEST_CASE("a command that wants a shell is not split")
{
    for (const auto* command : {"a | b", "a > b", "a; b", "A=b c", "a $B", "a \"$B\"", "a *", "a `b`", "a 'b", "",
                                "a ${b", "a && b", "~/a", "a \\ b"}) {
        CAPTURE(command);
        CHECK_FALSE(split_plain_command(command));
    }
}

TEST_CASE("programs are found where they are, on PATH, and from a folder")
{
    CHECK(find_program("sh", "/").value().ends_with("/sh"));
    CHECK(find_program("/bin/sh", "/") == "/bin/sh");
    CHECK(find_program("bin/sh", "/") == "/bin/sh");
    CHECK_FALSE(find_program("no-such-program", "/"));
    CHECK_FALSE(find_program("/etc/passwd", "/"));
}

TEST_CASE("steps over stdio know how their server is started, and share one series of starts")
{
    const auto outcome = plan_of("rpc = \"initialize\"\nserver = \"mcp\"\n[[user.step]]\nrpc = \"ping\"\n"
                                 "[[user.step]]\nstop_server = \"mcp\"\n");
    REQUIRE(outcome.plan);
    CHECK(outcome.plan->step_names == Words{"initialize", "initialize/start", "ping", "stop mcp"});
    CHECK(outcome.plan->stack.empty());
    CHECK(outcome.plan->stdio_services.at(0).name == "mcp");
    const auto& first = action_of(outcome, 0);
    const auto& start = *first.stdio;
    CHECK(first.start_sample == 1);
    CHECK(action_of(outcome, 1).start_sample == 1);
    REQUIRE(start.argv.size() == 5);
    CHECK(start.argv[0].constant.value().ends_with("/sh"));
    CHECK(start.argv[2].constant == "cat");
    CHECK_FALSE(start.argv[3].constant);
    CHECK(start.environment.at(0).first == "A");
}

TEST_CASE("a command for a shell is one, with its variables put in")
{
    ::setenv("SQUALL_TEST_WORD", "word", 1);
    const auto outcome = plan_of("rpc = \"ping\"\n",
                                 "[stack.service.a]\ncommand = \"exec cat | ${env.SQUALL_TEST_WORD}\"\nstdio = true\n");
    REQUIRE(outcome.plan);
    const auto& argv = action_of(outcome, 0).stdio->argv;
    REQUIRE(argv.size() == 3);
    CHECK(argv[0].constant == "/bin/sh");
    CHECK(argv[2].constant == "exec cat | word");
}

TEST_CASE("a step with a URL is posted to it")
{
    const auto outcome = plan_of("rpc = \"ping\"\nserver = \"${api}/mcp\"\nheaders = { a = \"b\" }\n", "");
    REQUIRE(outcome.plan);
    const auto& action = action_of(outcome, 0);
    CHECK_FALSE(action.stdio);
    CHECK(action.url.constant == "http://127.0.0.1:9/mcp");
    CHECK(outcome.plan->step_names == Words{"ping"});
}

TEST_CASE("what is wrong with a step of JSON-RPC is found before anything starts")
{
    CHECK(problem_of("rpc = \"p\"\nserver = \"mpc\"\n").find("did you mean \"mcp\"") != std::string::npos);
    CHECK(problem_of("rpc = \"p\"\n", "").find("server is missing") != std::string::npos);
    CHECK(problem_of("rpc = \"p\"\nserver = \"http://example.com/\"\n").find("allow_hosts") != std::string::npos);
    CHECK(problem_of("rpc = \"p\"\nserver = \"ftp://127.0.0.1/\"\n").find("neither") != std::string::npos);
    CHECK(problem_of("rpc = \"p\"\nheaders = { a = \"b\" }\n").find("headers") != std::string::npos);
    CHECK(problem_of("stop_server = \"${api}/mcp\"\nleave = { kill = 1 }\n").find("killed") != std::string::npos);
    CHECK(problem_of("http = \"GET ${mcp}/\"\n").find("stdin and stdout") != std::string::npos);
    const std::string missing = "[stack.service.a]\nstdio = true\ncommand = ";
    CHECK(problem_of("rpc = \"p\"\n", missing + "\"no-such-program --stdio\"\n").find("no program no-such-program") !=
          std::string::npos);
    const auto several = problem_of("rpc = \"p\"\n[[user.step]]\nrpc = \"q\"\n", missing + "\"no-such-program\"\n");
    CHECK(several.find("no-such-program") == several.rfind("no-such-program"));
    CHECK(problem_of("rpc = \"p\"\n", missing + "\"${data} --stdio\"\n").find("the same for all users") !=
          std::string::npos);
    CHECK(problem_of("rpc = \"p\"\n", missing + "\"cat ${nobody}\"\n").find("unknown variable") != std::string::npos);
}

} // namespace squall::plan
