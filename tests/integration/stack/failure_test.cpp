// The claim: whatever keeps a stack from starting is said in one clear error, and nothing is left of it.
#include "support.hpp"

#include "catch.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

using namespace squall;
using namespace squall::stack;
using namespace squall::stack::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

/// A listener of the test's own.
class Listener {
public:
    Listener()
    {
        descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        REQUIRE(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), length) == 0);
        REQUIRE(::listen(descriptor_, 1) == 0);
        ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &length);
        port_ = ntohs(address.sin_port);
    }
    ~Listener() { ::close(descriptor_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    [[nodiscard]] int port() const { return port_; }

private:
    int descriptor_ = -1;
    int port_ = 0;
};

/// The error of a start that must fail, after which nothing may be left.
std::string failure_of(const scenario::StackSpec& spec, const StackOptions& options)
{
    asio::io_context context(1);
    const auto stack = run(context, start_stack(spec, options));
    REQUIRE_FALSE(stack.has_value());
    CHECK(what_is_left(options.run_folder, {}) == "");
    return stack.error().message;
}

} // namespace

TEST_CASE("a program that is not installed is named with its package, before anything starts")
{
    const TemporaryFolder folder;
    StackOptions options = options_in(folder);
    options.search = ProgramSearch{{}, {folder.path()}, folder.path()};
    scenario::StackSpec spec;

    SECTION("PostgreSQL")
    {
        spec.postgres.emplace();
        spec.postgres->place = {"meals.toml", 4, 1, "stack.postgres"};
        CHECK_THAT(failure_of(spec, options), Contains("meals.toml:4:1: PostgreSQL 15 or newer is not installed") &&
                                                  Contains("apt-get install postgresql"));
    }
    SECTION("Redis")
    {
        spec.redis.emplace();
        CHECK_THAT(failure_of(spec, options),
                   Contains("Redis is not installed") && Contains("apt-get install redis-server"));
    }
    SECTION("PgBouncer, though PostgreSQL is there")
    {
        options.search.postgres_root = "/usr/lib/postgresql";
        spec.postgres.emplace();
        spec.pgbouncer.emplace();
        CHECK_THAT(failure_of(spec, options),
                   Contains("PgBouncer is not installed") && Contains("apt-get install pgbouncer"));
    }
    SECTION("squall-target")
    {
        options = options_in(folder);
        options.target_program = folder.path() + "/squall-target";
        spec.postgres.emplace();
        spec.target.emplace();
        CHECK_THAT(failure_of(spec, options), Contains("squall-target is not there") && Contains("build it"));
    }
    CHECK_FALSE(std::filesystem::exists(folder.path() + "/logs/keeper.log"));
}

TEST_CASE("a fixed port that is taken is named with its service and its holder")
{
    const Listener listener;
    const TemporaryFolder folder;
    scenario::StackSpec spec;
    spec.redis.emplace();
    spec.redis->port = listener.port();
    CHECK_THAT(failure_of(spec, options_in(folder)),
               Contains(fmt::format("port {} of redis is taken by process {}", listener.port(), ::getpid())) &&
                   Contains("leave the port out"));
}

TEST_CASE("a service that never becomes ready")
{
    const TemporaryFolder folder;
    scenario::StackSpec spec;
    spec.services.push_back(service("api", "echo waiting for godot; exec sleep 60"));
    spec.services[0].ready = "http://127.0.0.1:${port}/health";
    spec.services[0].ready_timeout = 500ms;
    const std::string error = failure_of(spec, options_in(folder));
    CHECK_THAT(error, Contains("service api was not ready within 500ms") && Contains("/health") &&
                          Contains("waiting for godot") && Contains("stack.service.api.ready_timeout"));
}

TEST_CASE("a service that ends during the start is told at once, with its code and its log")
{
    const TemporaryFolder folder;
    scenario::StackSpec spec;
    spec.redis.emplace();
    spec.services.push_back(service("api", "echo cannot find the config; exit 3"));
    const auto begin = std::chrono::steady_clock::now();
    const std::string error = failure_of(spec, options_in(folder));
    CHECK_THAT(error,
               Contains("service api did not start: it exited with code 3") && Contains("cannot find the config"));
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
}

TEST_CASE("a server that refuses its settings is told with what it says")
{
    const TemporaryFolder folder;
    scenario::StackSpec spec;
    spec.redis.emplace();
    spec.redis->settings["maxmemory-policy"] = "sometimes";
    CHECK_THAT(failure_of(spec, options_in(folder)),
               Contains("Redis did not start: it exited with code 1") && Contains("maxmemory-policy"));
}

TEST_CASE("an SQL file that PostgreSQL refuses")
{
    const TemporaryFolder folder;
    std::ofstream(folder.path() + "/schema.sql") << "create tabel meal ();";
    scenario::StackSpec spec;
    spec.postgres.emplace();
    spec.postgres->init = {"schema.sql"};
    CHECK_THAT(failure_of(spec, options_in(folder)),
               Contains("schema.sql") && Contains("syntax error") && Contains("tabel"));
}

TEST_CASE("a keeper whose program does not exist")
{
    const TemporaryFolder folder;
    StackOptions options = options_in(folder);
    options.keeper_command = {"/nonexistent/squall", "keeper", "--socket"};
    scenario::StackSpec spec;
    spec.redis.emplace();
    CHECK_THAT(failure_of(spec, options), Contains("the keeper process of the stack did not start"));
}

TEST_CASE("a start that is cancelled stops what had started")
{
    const TemporaryFolder folder;
    scenario::StackSpec spec = three_servers();
    spec.services.push_back(service("slow", "exec sleep 60"));
    const std::string cancel_when = GENERATE("starting", "redis ready", "pgbouncer ready");
    CAPTURE(cancel_when);

    asio::io_context context(1);
    asio::cancellation_signal signal;
    StackOptions options = options_in(folder);
    // Posted: the signal must not reach the coroutine while it runs.
    const auto cancel = [&] { asio::post(context, [&] { signal.emit(asio::cancellation_type::terminal); }); };
    options.progress = [&](std::string_view text) {
        if ((cancel_when == "redis ready" && text.starts_with("Redis is ready")) ||
            (cancel_when == "pgbouncer ready" && text.starts_with("PgBouncer is ready"))) {
            cancel();
        }
    };
    if (cancel_when == "starting") {
        asio::post(context, [&] { cancel(); });
    }
    const auto begin = std::chrono::steady_clock::now();
    const auto stack = run(context, start_stack(spec, options), signal.slot());
    REQUIRE_FALSE(stack.has_value());
    CHECK_THAT(stack.error().message, Contains("interrupted"));
    CHECK(what_is_left(folder.path(), {}) == "");
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
}
