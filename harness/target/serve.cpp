#include "target/serve.hpp"

#include "base/text.hpp"
#include "target/defects/registry.hpp"
#include "target/schema.hpp"
#include "target/server.hpp"
#include "target/service.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <utility>

namespace squall::target {
namespace {

using namespace asio::experimental::awaitable_operators; // the only way to name operator||

// Together under the second that SIGTERM may take.
constexpr Duration session_grace = std::chrono::milliseconds(300);
constexpr Duration pool_grace = std::chrono::milliseconds(200);

/// Completes on the first signal.
Task<void> wait_for_signal(asio::signal_set& signals)
{
    co_await signals.async_wait(use_result);
}

int report(const Error& error)
{
    fmt::print(stderr, "squall-target: {}\n", error.message);
    return 1;
}

Task<int> serve_until_signal(Service& service, Server& server, asio::signal_set& signals)
{
    const auto listening = server.listen();
    if (!listening) {
        co_return report(listening.error());
    }
    const auto& names = service.options.defects;
    fmt::print("squall-target: listening on {}:{}; defects: {}\n", service.options.host, server.endpoint().port(),
               names.empty() ? "none" : join(names, ", "));
    std::fflush(stdout);
    co_await (server.run() || wait_for_signal(signals));
    co_return 0;
}

Task<int> live(Service& service, asio::signal_set& signals)
{
    Server server(service);
    const auto bound = server.bind(co_await asio::this_coro::executor);
    if (!bound) {
        co_return report(bound.error());
    }
    const auto patience = std::chrono::steady_clock::now() + service.options.database_patience;
    const auto prepared = co_await (prepare_schema(service.options.database, patience) || wait_for_signal(signals));
    if (prepared.index() == 1) {
        co_return 0;
    }
    if (!std::get<0>(prepared)) {
        co_return report(std::get<0>(prepared).error());
    }
    const int code = co_await serve_until_signal(service, server, signals);
    co_await server.stop(session_grace);
    service.redis.cancel();
    co_await service.database.drain(pool_grace);
    co_return code;
}

} // namespace

int serve(Options options)
{
    asio::io_context context(1);
    asio::signal_set signals(context, SIGTERM, SIGINT);
    Service service(context.get_executor(), std::move(options));
    install_defects(service.options.defects, service);

    int code = 1;
    std::exception_ptr broken;
    const auto spawn = [&](Task<void> work) {
        asio::co_spawn(context, std::move(work), [&](std::exception_ptr thrown) { broken = broken ? broken : thrown; });
    };
    for (auto& run : service.database.runs()) {
        spawn(std::move(run));
    }
    spawn(service.redis.run());
    spawn(service.rooms.run());
    asio::co_spawn(context, live(service, signals), [&](std::exception_ptr thrown, int result) {
        broken = broken ? broken : thrown;
        code = result;
        // Stragglers, such as the system's resolver, must not keep the process.
        context.stop();
    });
    context.run();
    if (broken) {
        std::rethrow_exception(broken);
    }
    return code;
}

} // namespace squall::target
