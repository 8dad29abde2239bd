#include "engine/rpc_shard.hpp"

#include <filesystem>

#include <unistd.h>

namespace squall::engine {
namespace {

constexpr std::size_t log_limit = std::size_t{1024} * 1024; // of a thread and service

} // namespace

RpcShard::RpcShard(wire::ThreadEvents& events, const Clock& clock, const plan::Plan& plan,
                   const RpcSurroundings& surroundings)
    : context_(events, clock, surroundings.registry)
{
    const auto& log_folder = surroundings.log_folder;
    if (plan.stdio_services.empty() || log_folder.empty()) {
        return;
    }
    std::error_code ignored; // a log that cannot be written costs no run
    std::filesystem::create_directories(log_folder, ignored);
    for (const auto& service : plan.stdio_services) {
        const auto path = (std::filesystem::path(log_folder) / (service.name + ".log")).string();
        logs_.push_back(std::make_unique<drivers::StderrLog>(events, path, log_limit));
    }
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
        environment_.emplace_back(*entry);
    }
}

int RpcShard::log_of(std::size_t service)
{
    return logs_.at(service)->descriptor();
}

wire::Flow<> RpcShard::end()
{
    co_await context_.all_ended();
    for (const auto& log : logs_) {
        log->close();
    }
}

} // namespace squall::engine
