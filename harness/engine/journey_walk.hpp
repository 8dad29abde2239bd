// One walk of one user through its journey: what it does next. Pure; the user does it.
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "plan/condition.hpp"
#include "plan/journey.hpp"
#include "plan/render.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace squall::engine {

/// What a walk looks at; outlives it.
struct WalkSight {
    const plan::Journey& journey;
    const plan::UserMemory& memory;
    plan::GeneratorState& generators;
    Random& random;
    std::string& scratch;
    std::optional<std::size_t> cycle = std::nullopt; // whose weights the choices have; nothing: the journey's own
};

enum class StepEnd { succeeded, failed, timed_out };

class JourneyWalk {
public:
    explicit JourneyWalk(WalkSight sight) : sight_(sight) {}

    struct Next {
        /// perform: then call ended(). ask: the same; a failure is no error yet. wait: for `pause`; wait_to_ask: the
        /// same, before an ask. recovered, lost: the late answer to `step` came, or did not; to be written down.
        enum class Kind { perform, ask, wait, wait_to_ask, recovered, lost, end };
        Kind kind = Kind::end;
        std::uint32_t step = 0; // index into Population::steps
        Duration pause{};
    };

    Next next(Instant now);
    void ended(StepEnd how);
    /// At the end: whether every failure led somewhere.
    [[nodiscard]] bool is_healthy() const { return healthy_; }

private:
    enum class Asking { no, waited, asked, answered };

    std::optional<Next> take(const plan::Perform& perform);
    std::optional<Next> take(const plan::PollUntil& poll);
    std::optional<Next> take(const plan::Wait& wait);
    std::optional<Next> take(const plan::Jump& jump);
    std::optional<Next> take(const plan::JumpUnless& jump);
    std::optional<Next> take(const plan::Choose& choose);
    std::optional<Next> take(const plan::SetCounter& set);
    std::optional<Next> take(const plan::CountDown& count);
    void fail();

    WalkSight sight_;
    plan::Position at_ = 0;
    std::array<std::uint32_t, plan::most_counters> counters_{};
    Instant now_;
    Asking asking_ = Asking::no;
    Instant lost_at_; // while asking
    bool healthy_ = true;
};

} // namespace squall::engine
