// The claim: with the built programs, `squall keeper` and squall-target, the whole stack works and ends.
#include "support.hpp"

#include "catch.hpp"
#include "wire/http_get.hpp"

using namespace squall;
using namespace squall::stack;
using namespace squall::stack::test;

TEST_CASE("the whole stack with the target, kept by squall itself")
{
    const TemporaryFolder folder;
    StackOptions options = options_in(folder);
    options.keeper_command = {SQUALL_BIN_DIR "/squall", "keeper", "--socket"};
    options.target_program = SQUALL_BIN_DIR "/squall-target";
    scenario::StackSpec spec = three_servers();
    spec.target.emplace();
    spec.services.push_back(service("page", "exec python3 -m http.server --bind 127.0.0.1 ${port}"));
    spec.services[0].ready = "http://127.0.0.1:${port}/";
    asio::io_context context(1);
    auto stack = run(context, start_stack(spec, options));
    INFO((stack ? "" : stack.error().message));
    REQUIRE(stack.has_value());
    const std::vector<ServiceInfo> services = stack->services();
    CHECK(services.size() == 5);

    const Instant deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    const auto pool = run(context, wire::http_get(stack->variables().at("api") + "/debug/pool-status", deadline));
    INFO((pool ? "" : pool.error().message));
    REQUIRE(pool.has_value());
    CHECK(pool->status == 200);
    const auto page = run(context, wire::http_get(stack->variables().at("page") + "/", deadline));
    REQUIRE(page.has_value());
    CHECK(page->status == 200);

    const auto stopped = run(context, stack->stop());
    INFO((stopped ? "" : stopped.error().message));
    CHECK(stopped.has_value());
    CHECK(what_is_left(folder.path(), services) == "");
}
