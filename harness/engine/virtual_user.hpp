// One virtual user: its memory, its connection, and the coroutine that walks through the journey once.
#pragma once

#include "base/time.hpp"
#include "drivers/http_client.hpp"
#include "engine/error_examples.hpp"
#include "engine/http_step.hpp"
#include "measure/recorder.hpp"
#include "plan/data_cursor.hpp"
#include "plan/plan.hpp"
#include "plan/render.hpp"
#include "wire/task.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace squall::engine {

/// What every user of one shard shares. All of it outlives the users and belongs to the shard's thread, except what is
/// atomic.
struct UserSurroundings {
    asio::any_io_executor executor;
    const plan::Plan& plan;
    const plan::UserMemory& endpoints; // values of ${api} and the like
    drivers::HttpContext& http;
    std::atomic<std::uint64_t>& sequence; // ${seq}, counted over all shards
    measure::Recorder& recorder;
    ErrorExamples& examples;
    const Clock& clock;
};

/// Lives on its shard's thread and never changes it. stop() lets the running iteration finish, abort() ends it.
class VirtualUser {
public:
    /// `data` may be null. `number` is unique in the population over all shards.
    VirtualUser(const UserSurroundings& surroundings, const plan::Population& population, plan::DataCursor* data,
                std::uint64_t number);

    enum class Iteration { completed, failed, out_of_data };

    /// Walks through the steps; a step that fails ends the iteration. `intended` is when it should have begun.
    Task<Iteration> iterate(Instant intended);

    /// Think time; ends early when the user is stopped.
    Task<void> think();
    /// Waits until `at`; ends early when the user is stopped.
    Task<void> wait_until(Instant at);

    void stop();
    void abort();
    [[nodiscard]] bool stopping() const { return stopping_; }
    /// An iteration is under way.
    [[nodiscard]] bool busy() const { return busy_; }

    /// Takes a stop() back.
    void resume() { stopping_ = false; }
    /// Between phases: closes the connection.
    void rest();

private:
    bool begin_iteration();
    Task<bool> perform(std::size_t index, Instant intended);

    const UserSurroundings& surroundings_;
    const plan::Population& population_;
    plan::DataCursor* data_;
    plan::UserMemory memory_;
    plan::GeneratorState generators_;
    Random random_;
    drivers::HttpClient http_;
    std::vector<HttpStepMemory> step_memories_;
    asio::steady_timer pause_;
    bool stopping_ = false;
    bool busy_ = false;
};

} // namespace squall::engine
