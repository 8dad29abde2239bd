// One virtual user: its memory, its connections, and the coroutine that walks through the journey once.
#pragma once

#include "base/time.hpp"
#include "engine/journey_walk.hpp"
#include "engine/performer.hpp"
#include "engine/user_surroundings.hpp"
#include "plan/data_cursor.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

namespace squall::engine {

/// Lives on its shard's thread and never changes it. stop() lets the running iteration finish, abort() ends it.
class VirtualUser {
public:
    /// `data` may be null. `number` is unique in the population over all shards.
    VirtualUser(const UserSurroundings& surroundings, const plan::Population& population, const FixedRequests& fixed,
                plan::DataCursor* data, std::uint64_t number);

    enum class Iteration { completed, failed, out_of_data };

    /// Walks through the journey once. `intended` is when it should have begun; without it that is now. A pause of a
    /// user that is stopping ends the iteration; one before asking again for a late answer only when it is aborted.
    wire::Flow<Iteration> iterate(std::optional<Instant> intended);

    /// `co_await user.think()`: think time; ends early when the user is stopped.
    auto think() { return pause_.until(stopping_ ? surroundings_.clock.now() : end_of_think()); }

    void stop();
    void abort();
    [[nodiscard]] bool stopping() const { return stopping_; }
    /// An iteration is under way.
    [[nodiscard]] bool busy() const { return busy_; }

    [[nodiscard]] const plan::UserMemory& memory() const { return memory_; }

    /// Takes a stop() back.
    void resume() { stopping_ = aborted_ = false; }
    /// Between phases: closes its connections.
    void rest();

private:
    bool begin_iteration();
    wire::Flow<> wait(Duration length);
    StepEnd write_down(const plan::Step& step, StepResult& result, bool asking);
    Instant end_of_think();
    Performer& performer_of(const plan::Step& step);
    void close();

    const UserSurroundings& surroundings_;
    const plan::Population& population_;
    plan::DataCursor* data_;
    plan::UserMemory memory_;
    plan::GeneratorState generators_;
    Random random_;
    UserParts parts_; // of the above
    std::array<std::unique_ptr<Performer>, std::variant_size_v<decltype(plan::Step::action)>> performers_; // by kind
    wire::Pause pause_;
    bool stopping_ = false;
    bool aborted_ = false;
    bool busy_ = false;
};

} // namespace squall::engine
