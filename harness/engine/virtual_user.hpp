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
#include "wire/thread_events.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace squall::engine {

/// What every user of one shard shares. All of it outlives the users and belongs to the shard's thread, except what is
/// atomic.
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
};

/// The requests of a population's steps that are the same each time, written once a shard; null where they vary.
using FixedRequests = std::vector<std::unique_ptr<const FixedRequest>>;
[[nodiscard]] FixedRequests fix_requests(const plan::Plan& plan, const plan::Population& population,
                                         const plan::UserMemory& endpoints);

/// Lives on its shard's thread and never changes it. stop() lets the running iteration finish, abort() ends it.
class VirtualUser {
public:
    /// `data` may be null. `number` is unique in the population over all shards.
    VirtualUser(const UserSurroundings& surroundings, const plan::Population& population, const FixedRequests& fixed,
                plan::DataCursor* data, std::uint64_t number);

    enum class Iteration { completed, failed, out_of_data };

    /// Walks through the steps; a step that fails ends the iteration. `intended` is when it should have begun; without
    /// it that is now.
    wire::Flow<Iteration> iterate(std::optional<Instant> intended);

    /// `co_await user.think()`: think time; ends early when the user is stopped.
    auto think() { return pause_.until(stopping_ ? surroundings_.clock.now() : end_of_think()); }

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
    Instant end_of_think();
    wire::Flow<> perform(std::size_t index, StepTimes times, StepResult& result);
    HttpMessage& message_of(std::size_t index);

    const UserSurroundings& surroundings_;
    const plan::Population& population_;
    const FixedRequests& fixed_;
    plan::DataCursor* data_;
    plan::UserMemory memory_;
    plan::GeneratorState generators_;
    Random random_;
    drivers::HttpClient http_;
    std::vector<std::unique_ptr<HttpMessage>> messages_; // of the steps whose requests vary
    wire::Pause pause_;
    bool stopping_ = false;
    bool busy_ = false;
};

} // namespace squall::engine
