// What all users of one shard share.
#pragma once

#include "base/time.hpp"
#include "drivers/http_client.hpp"
#include "drivers/postgres_client.hpp"
#include "drivers/websocket_client.hpp"
#include "engine/error_examples.hpp"
#include "engine/http_step.hpp"
#include "engine/redis_shard.hpp"
#include "engine/rpc_shard.hpp"
#include "measure/recorder.hpp"
#include "plan/plan.hpp"
#include "plan/render.hpp"
#include "wire/thread_events.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace squall::engine {

/// All of it outlives the users and belongs to the shard's thread, except what is atomic.
struct UserSurroundings {
    wire::ThreadEvents& events;
    const plan::Plan& plan;
    const plan::UserMemory& endpoints; // values of ${api} and the like
    drivers::HttpContext& http;
    std::atomic<std::uint64_t>& sequence; // ${seq}, counted over all shards
    measure::Recorder& recorder;
    ErrorExamples& examples;
    const Clock& clock;
    std::string& scratch; // used between two awaits
    drivers::PostgresContext& postgres;
    RedisShard& redis;
    drivers::WebSocketContext& websockets;
    RpcShard& rpc;
    std::optional<std::size_t> cycle = std::nullopt; // of the phase that runs: LoadOrder::cycle
};

/// By step id: the requests of a population's steps that are the same each time, written once a shard; null where they
/// vary.
using FixedRequests = std::vector<std::unique_ptr<const FixedRequest>>;
[[nodiscard]] FixedRequests fix_requests(const plan::Plan& plan, const plan::Population& population,
                                         const plan::UserMemory& endpoints);

} // namespace squall::engine
