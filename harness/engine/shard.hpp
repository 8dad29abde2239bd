// One engine thread: its io_context, its users, its recorder. Nothing here is shared with another shard but data
// cursors.
#pragma once

#include "engine/population_load.hpp"
#include "engine/thread_use.hpp"
#include "measure/window.hpp"

#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace squall::engine {

/// What a shard hands over once a second.
struct ShardReport {
    measure::Window window;
    std::vector<ErrorExample> examples;
    int users = 0;
    int in_flight = 0;
    ThreadUse use; // of the shard's thread
};

/// Constructed, started and destroyed on the control thread; the tasks may be awaited from there and run on the shard's
/// thread. One data cursor a population, shared by all shards; null where a population has no data.
class Shard {
public:
    Shard(std::shared_ptr<const plan::Plan> plan, const plan::UserMemory& endpoints,
          std::vector<plan::DataCursor*> data, std::atomic<std::uint64_t>& sequence, drivers::TlsContext tls,
          Share share, const Clock& clock, const RpcSurroundings& children);
    ~Shard();
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;

    /// Runs every population through the phase; see PopulationLoad::run.
    Task<void> run_phase(LoadOrder order);
    Task<ShardReport> harvest();
    /// Thread-safe: graceful stop of the running phase; with `terminal` requests in flight end too.
    void stop(bool terminal);
    /// After the last phase: waits until the thread has nothing left to do. False: that took longer than `limit`, so
    /// that something of a user went on behind its phase. Nothing may be asked of the shard afterwards.
    [[nodiscard]] bool end(Duration limit);

private:
    Task<void> run_populations(LoadOrder order);
    Task<ShardReport> take_report();

    std::shared_ptr<const plan::Plan> plan_;
    plan::UserMemory endpoints_;
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    wire::ThreadEvents events_;
    drivers::HttpContext http_;
    drivers::WebSocketContext websockets_;
    drivers::PostgresContext postgres_;
    measure::Recorder recorder_;
    ErrorExamples examples_;
    std::string scratch_;
    RedisShard redis_;
    RpcShard rpc_;
    UserSurroundings surroundings_;
    std::vector<std::unique_ptr<PopulationLoad>> loads_;
    std::promise<void> ended_;
    std::thread thread_;
};

} // namespace squall::engine
