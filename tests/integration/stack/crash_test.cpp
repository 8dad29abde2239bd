// The claim: whoever dies, harness or keeper, servers and data are gone within 3 s.
#include "support.hpp"

#include "catch.hpp"
#include "stack/process_table.hpp"
#include "wire/deadline.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <sstream>

using namespace squall;
using namespace squall::stack;
using namespace squall::stack::test;
using namespace std::chrono_literals;

namespace {

/// PostgreSQL, PgBouncer, Redis, and a service that ignores SIGTERM and whose child left its group and session.
scenario::StackSpec stubborn_stack(const TemporaryFolder& folder)
{
    const std::string runaway = "setsid sh -c 'trap \"\" TERM; sleep 1000; :' " + folder.path() + "/runaway & ";
    const std::string server = "exec perl -MIO::Socket::INET -e '$SIG{TERM} = \"IGNORE\"; "
                               "my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => \"127.0.0.1:${port}\"); "
                               "while ($s->accept) {}'";
    scenario::StackSpec spec = three_servers();
    spec.services.push_back(service("stubborn", runaway + server));
    return spec;
}

Task<void> hold(scenario::StackSpec spec, StackOptions options, int pipe)
{
    auto stack = co_await start_stack(std::move(spec), std::move(options));
    std::string report;
    if (stack) {
        report = std::to_string(stack->keeper_pid());
        for (const ServiceInfo& each : stack->services()) {
            report += " " + std::to_string(each.pid) + " " + std::to_string(each.port);
        }
    } else {
        report = stack.error().message;
    }
    report += "\n";
    [[maybe_unused]] const ssize_t written = ::write(pipe, report.data(), report.size());
    co_await wire::sleep_until(std::chrono::steady_clock::now() + 60s);
}

/// A harness of its own that holds a stack until it is killed.
struct HarnessProcess {
    pid_t pid = 0;
    pid_t keeper = 0;
    std::vector<ServiceInfo> services;
    std::string report;
};

HarnessProcess start_harness(const scenario::StackSpec& spec, const StackOptions& options)
{
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    HarnessProcess harness;
    harness.pid = ::fork();
    if (harness.pid == 0) {
        ::close(ends[0]);
        asio::io_context context(1);
        asio::co_spawn(context, hold(spec, options, ends[1]), [](std::exception_ptr) {});
        context.run();
        ::_exit(0);
    }
    ::close(ends[1]);
    FILE* stream = ::fdopen(ends[0], "r");
    char line[4096] = {};
    if (std::fgets(line, sizeof line, stream) != nullptr) {
        harness.report = line;
    }
    std::fclose(stream);
    std::istringstream words(harness.report);
    words >> harness.keeper;
    for (ServiceInfo each; words >> each.pid >> each.port;) {
        harness.services.push_back(each);
    }
    return harness;
}

Task<std::string> wait_for_keeper_death(RunningStack& stack)
{
    std::string told;
    stack.on_death([&told](const ServiceDeath& death) { told += death.name + " "; });
    ::kill(stack.keeper_pid(), SIGKILL);
    const Instant until = std::chrono::steady_clock::now() + 3s;
    while (told.find("keeper") == std::string::npos && std::chrono::steady_clock::now() < until) {
        co_await wire::sleep_until(std::chrono::steady_clock::now() + 5ms);
    }
    co_return told;
}

Task<std::string> wait_for_any_death(RunningStack& stack)
{
    std::string told;
    stack.on_death([&told](const ServiceDeath& death) { told += death.name + " " + death.how; });
    const Instant until = std::chrono::steady_clock::now() + 3s;
    while (told.empty() && std::chrono::steady_clock::now() < until) {
        co_await wire::sleep_until(std::chrono::steady_clock::now() + 5ms);
    }
    co_return told;
}

} // namespace

TEST_CASE("after kill -9 of the harness everything is gone within 3 s")
{
    const TemporaryFolder folder;
    const HarnessProcess harness = start_harness(stubborn_stack(folder), options_in(folder));
    INFO(harness.report);
    REQUIRE(harness.services.size() == 4);
    REQUIRE(processes_mentioning(folder.path() + "/runaway").size() == 1);
    REQUIRE(std::filesystem::exists(folder.path() + "/stack"));

    ::kill(harness.pid, SIGKILL);
    ::waitpid(harness.pid, nullptr, 0);
    CHECK(eventually([&] { return what_is_left(folder.path(), harness.services).empty(); }, 3000ms));
    CHECK(what_is_left(folder.path(), harness.services) == "");
    CHECK(eventually([&] { return !is_alive(harness.keeper); }, 500ms));
    CHECK(std::filesystem::exists(folder.path() + "/logs/postgres.log"));
}

TEST_CASE("after kill -9 of the keeper the services die and the harness removes their data")
{
    const TemporaryFolder folder;
    asio::io_context context(1);
    auto stack = run(context, start_stack(three_servers(), options_in(folder)));
    INFO((stack ? "" : stack.error().message));
    REQUIRE(stack.has_value());
    const std::vector<ServiceInfo> services = stack->services();

    const auto killed_at = std::chrono::steady_clock::now();
    CHECK(run(context, wait_for_keeper_death(*stack)) == "keeper ");
    const auto stopped = run(context, stack->stop());
    CHECK(std::chrono::steady_clock::now() - killed_at < 3s);
    INFO((stopped ? "" : stopped.error().message));
    CHECK(stopped.has_value());
    CHECK(what_is_left(folder.path(), services) == "");
}

TEST_CASE("when harness and keeper are killed together the servers still die")
{
    const TemporaryFolder folder;
    const HarnessProcess harness = start_harness(three_servers(), options_in(folder));
    INFO(harness.report);
    REQUIRE(harness.services.size() == 3);
    // Stopped first, so that it cannot help.
    ::kill(harness.pid, SIGSTOP);
    ::kill(harness.keeper, SIGKILL);
    const bool gone = eventually(
        [&] {
            return std::none_of(harness.services.begin(), harness.services.end(),
                                [](const ServiceInfo& each) { return is_alive(each.pid) || accepts(each.port); });
        },
        3000ms);
    ::kill(harness.pid, SIGKILL);
    ::waitpid(harness.pid, nullptr, 0);
    CHECK(gone);
}

TEST_CASE("a handle that is dropped takes the stack with it")
{
    const TemporaryFolder folder;
    std::vector<ServiceInfo> services;
    {
        asio::io_context context(1);
        auto stack = run(context, start_stack(three_servers(), options_in(folder)));
        REQUIRE(stack.has_value());
        services = stack->services();
    }
    CHECK(eventually([&] { return what_is_left(folder.path(), services).empty(); }, 3000ms));
}

TEST_CASE("a service that is killed is told of, by name and cause")
{
    const TemporaryFolder folder;
    scenario::StackSpec spec;
    spec.redis.emplace();
    asio::io_context context(1);
    auto stack = run(context, start_stack(spec, options_in(folder)));
    INFO((stack ? "" : stack.error().message));
    REQUIRE(stack.has_value());
    ::kill(stack->services().at(0).pid, SIGKILL);
    CHECK(run(context, wait_for_any_death(*stack)) == "redis was killed by signal 9 (Killed)");
    CHECK(run(context, stack->stop()).has_value());
}
