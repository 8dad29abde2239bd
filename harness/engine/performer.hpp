// The part of one virtual user that performs the steps of one protocol. Each protocol is a file of its own.
#pragma once

#include "base/random.hpp"
#include "engine/step_result.hpp"
#include "engine/user_surroundings.hpp"
#include "plan/render.hpp"
#include "wire/flow.hpp"

#include <cstdint>
#include <memory>

namespace squall::engine {

/// What the performers of one user share; outlives them.
struct UserParts {
    const UserSurroundings& surroundings;
    const plan::Population& population;
    const FixedRequests& fixed; // by step id
    plan::UserMemory& memory;
    plan::GeneratorState& generators;
    Random& random;
    std::uint64_t number; // unique in the population over all shards
    const bool& stopping; // the user shall come to an end
};

/// Holds the user's connections of its protocol. One step at a time, always on the shard's thread.
class Performer {
public:
    Performer() = default;
    virtual ~Performer() = default;
    Performer(const Performer&) = delete;
    Performer& operator=(const Performer&) = delete;

    /// Renders, performs and judges one step; saves go into the user's memory. Never throws for what the world does:
    /// whatever goes wrong is in the sample, and `result.error_text` says it. `times.intended` becomes the sample's.
    virtual wire::Flow<> perform(const plan::Step& step, StepTimes times, StepResult& result) = 0;

    /// The user shall come to an end: what is only held or waited out ends soon, what is asked is still answered.
    virtual void stop() {}

    /// The iteration is over: nothing of it may reach into the next one.
    virtual void end_iteration() {}

    /// Closes every connection at once; a step under way ends soon, as cancelled. The performer can be used again.
    virtual void close() = 0;
};

/// The performer of the protocol that the step speaks.
[[nodiscard]] std::unique_ptr<Performer> make_performer(const plan::Step& step, const UserParts& user);

} // namespace squall::engine
