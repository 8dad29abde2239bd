#include "engine/collect_garbage.hpp"

#include "stack/process_table.hpp"
#include "wire/http_get.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

namespace squall::engine {
namespace {

using scenario::CollectHook;
using scenario::CollectRequest;
using scenario::CollectSignal;

std::optional<CollectHook> hook_of(const scenario::StackSpec& stack, const std::string& service)
{
    if (service == "target" && stack.target) {
        return stack.target->gc;
    }
    for (const auto& command : stack.services) {
        if (command.name == service) {
            return command.gc;
        }
    }
    return std::nullopt;
}

/// A shell around the service neither listens nor knows the signal: it would end of it.
pid_t process_to_signal(const GarbageHook& hook)
{
    const auto listener = hook.port > 0 ? stack::listener_on(hook.port) : std::nullopt;
    return listener ? listener->pid : hook.pid;
}

Result<void> send_signal(const GarbageHook& hook, const CollectSignal& signal)
{
    const pid_t pid = process_to_signal(hook);
    if (pid <= 0 || ::kill(pid, signal.number) != 0) {
        return fail("{} was not sent {}: {}", hook.service, signal.name,
                    pid <= 0 ? "it has no process" : std::strerror(errno));
    }
    return {};
}

} // namespace

std::vector<GarbageHook> garbage_hooks(const plan::Plan& plan, const std::vector<stack::ServiceInfo>& services)
{
    std::vector<GarbageHook> hooks;
    for (const auto& service : services) {
        if (auto how = hook_of(plan.stack, service.name)) {
            hooks.push_back({service.name, std::move(*how), service.url, service.pid, service.port, plan.tls.verify});
        }
    }
    return hooks;
}

std::string to_text(const CollectHook& how)
{
    const auto* request = std::get_if<CollectRequest>(&how);
    return request != nullptr ? fmt::format("{} {}", request->method, request->path)
                              : std::get<CollectSignal>(how).name;
}

Task<Result<void>> collect_garbage(GarbageHook hook, Instant deadline)
{
    if (const auto* signal = std::get_if<CollectSignal>(&hook.how)) {
        co_return send_signal(hook, *signal);
    }
    const auto& request = std::get<CollectRequest>(hook.how);
    const auto url = hook.address + request.path;
    const auto answer = co_await wire::http_request(request.method, url, deadline, hook.verify_tls);
    if (!answer) {
        co_return fail("{} did not collect its garbage: {}", hook.service, answer.error().message);
    }
    constexpr int first_failure = 400;
    if (answer->status >= first_failure) {
        co_return fail("{} did not collect its garbage: {} was answered with status {}; is gc = \"{}\" right?",
                       hook.service, to_text(hook.how), answer->status, to_text(hook.how));
    }
    co_return Result<void>{};
}

} // namespace squall::engine
