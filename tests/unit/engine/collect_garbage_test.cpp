#include "engine/collect_garbage.hpp"

#include "catch.hpp"

#include <csignal>

using namespace squall;
using namespace std::chrono_literals;

TEST_CASE("the services that run and have a gc are those that are asked")
{
    plan::Plan plan;
    plan.stack.postgres.emplace();
    plan.stack.target.emplace().gc = scenario::CollectRequest{"POST", "/debug/gc"};
    plan.stack.services.resize(3);
    plan.stack.services[0].name = "quiet";
    plan.stack.services[1].name = "api";
    plan.stack.services[1].gc = scenario::CollectSignal{"SIGUSR2", SIGUSR2};
    plan.stack.services[2].name = "not_started";
    plan.stack.services[2].gc = scenario::CollectSignal{"SIGUSR2", SIGUSR2};
    plan.tls.verify = false;
    const auto hooks = engine::garbage_hooks(plan, {{"postgres", "postgres", "postgres://x", 1, 11, ""},
                                                    {"target", "target", "http://127.0.0.1:2", 2, 12, ""},
                                                    {"quiet", "service", "http://127.0.0.1:3", 3, 13, ""},
                                                    {"api", "service", "http://127.0.0.1:4", 4, 14, ""}});
    REQUIRE(hooks.size() == 2);
    CHECK(hooks[0].service == "target");
    CHECK(engine::to_text(hooks[0].how) == "POST /debug/gc");
    CHECK(hooks[0].address == "http://127.0.0.1:2");
    CHECK(hooks[0].port == 2);
    CHECK_FALSE(hooks[0].verify_tls);
    CHECK(hooks[1].service == "api");
    CHECK(engine::to_text(hooks[1].how) == "SIGUSR2");
    CHECK(hooks[1].pid == 14);
}

namespace {

/// What came of it, on a context of its own.
Result<void> collected(engine::GarbageHook hook)
{
    asio::io_context io;
    std::optional<Result<void>> outcome;
    const auto deadline = SteadyClock().now() + 5s;
    asio::co_spawn(io, engine::collect_garbage(std::move(hook), deadline),
                   [&outcome](std::exception_ptr, Result<void> ended) { outcome = std::move(ended); });
    io.run();
    return outcome.value();
}

} // namespace

TEST_CASE("a service that cannot be asked is named, with what was tried")
{
    engine::GarbageHook hook{"api", scenario::CollectRequest{"POST", "/gc"}, "http://127.0.0.1:1", 0, 0, true};
    const auto refused = collected(hook);
    REQUIRE(refused.has_error());
    CHECK(refused.error().message.starts_with("api did not collect its garbage: http://127.0.0.1:1/gc: connecting"));
    hook.how = scenario::CollectSignal{"SIGUSR2", SIGUSR2};
    const auto nobody = collected(hook);
    REQUIRE(nobody.has_error());
    CHECK(nobody.error().message == "api was not sent SIGUSR2: it has no process");
}
