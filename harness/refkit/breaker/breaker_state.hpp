// What a circuit breaker decides when it changes its phase, and all it decides in half-open. Pure: the instants are
// passed in. Judging calls while it is closed is the outcome window's (outcome_window.hpp), which then says trip().
//
// closed → open → half-open → closed | open. After M. Nygard, "Release It!"; phases as in resilience4j.
#pragma once

#include "base/random.hpp"
#include "refkit/breaker/breaker_params.hpp"
#include "refkit/permit.hpp"
#include "refkit/rejection.hpp"

namespace squall::refkit {

/// One thread, or under one lock. A clock that jumps back never makes a wait longer than it was meant to be.
class BreakerState {
public:
    /// Throws std::invalid_argument when check() finds the parameters broken. `random` makes the jitter.
    BreakerState(BreakerParams params, Random random);

    /// `answer`: the generation that the permit is of, or why there is none. Every permit is to be settled.
    struct Asked {
        Admission<std::uint64_t> answer;
        std::optional<Transition> moved;
    };
    [[nodiscard]] Asked ask(Instant now);

    /// A permit of `generation` came back. In half-open an ignored one frees its place for another call, and the last
    /// of half_open_permits results decides; one of an earlier generation changes nothing.
    std::optional<Transition> settle(std::uint64_t generation, Verdict verdict, bool slow, Instant now);

    /// The window of `generation`, while closed, says that it is enough.
    std::optional<Transition> trip(std::uint64_t generation, Instant now);

    /// From outside: forced_open, disabled, metrics_only, or closed to begin anew. Nothing when it is there already.
    std::optional<Transition> go(BreakerPhase phase, Instant now);

    [[nodiscard]] BreakerPhase phase() const { return phase_; }
    [[nodiscard]] std::uint64_t generation() const { return generation_; }
    /// While open: when it becomes half-open. While half-open: when it opens again without a decision.
    [[nodiscard]] Instant until() const { return until_; }
    /// How long until() was ahead when it was set.
    [[nodiscard]] Duration wait() const { return wait_; }
    [[nodiscard]] std::uint32_t half_open_in_flight() const { return in_flight_; }
    [[nodiscard]] const BreakerParams& params() const { return params_; }

private:
    Transition move(BreakerPhase to, Instant now);
    Transition open(Instant now);
    void wait_until(Instant now, Duration wait);
    void heed_clock(Instant now);
    [[nodiscard]] Duration next_wait();
    [[nodiscard]] bool half_open_failed() const;

    BreakerParams params_;
    Random random_;
    BreakerPhase phase_ = BreakerPhase::closed;
    std::uint64_t generation_ = 1;
    Instant until_{};
    Duration wait_{};             // that until_ was set by
    unsigned attempt_ = 0;        // openings in a row without a closing
    std::uint32_t in_flight_ = 0; // half-open: permits out
    WindowCounts results_;        // half-open: permits settled
};

/// Whether `counts` reach one of the shares of `rule`.
[[nodiscard]] bool reaches(const Rates& rule, const WindowCounts& counts);

} // namespace squall::refkit
