// Service disciplines whose latency is known in closed form, as pure functions of the arrivals: no clock, no socket.
// The formulas: closed_form.hpp.
#pragma once

#include "base/quantity.hpp"
#include "base/random.hpp"
#include "base/time.hpp"

namespace squall::truth {

/// When each request is answered. Times count from an origin of the caller's choice.
class Schedule {
public:
    virtual ~Schedule() = default;
    /// Once for each arrival, in order of arrival; never before `arrival`.
    virtual Duration release(Duration arrival) = 0;
};

/// Every `period`, beginning at `first`, nothing is answered for `length`.
struct Stall {
    Duration period{};
    Duration length{};
    Duration first{};

    /// `at`, or the end of the stall that holds it.
    [[nodiscard]] Duration end_at(Duration at) const;
    /// The begin of the first stall at or after `at`.
    [[nodiscard]] Duration next_begin(Duration at) const;
};

/// Any number at once, each for the same time.
class Constant final : public Schedule {
public:
    explicit Constant(Duration service) : service_(service) {}
    Duration release(Duration arrival) override { return arrival + service_; }

private:
    Duration service_;
};

/// As Constant, but what arrives in a stall begins at its end: all that was held is released together.
class StallDelayed final : public Schedule {
public:
    StallDelayed(Stall stall, Duration service) : stall_(stall), service_(service) {}
    Duration release(Duration arrival) override { return stall_.end_at(arrival) + service_; }

private:
    Stall stall_;
    Duration service_;
};

/// One server, first in first out, that stands still in a stall: what was held leaves one after the other.
class StallFifo final : public Schedule {
public:
    StallFifo(Stall stall, Duration service) : stall_(stall), service_(service) {}
    Duration release(Duration arrival) override;

private:
    Stall stall_;
    Duration service_;
    Duration free_{};
};

/// One server, first in first out, the same time for each: M/D/1 under Poisson arrivals, overload above rate 1/service.
class ConstantQueue final : public Schedule {
public:
    explicit ConstantQueue(Duration service) : service_(service) {}
    Duration release(Duration arrival) override;

private:
    Duration service_;
    Duration free_{};
};

/// One server, first in first out, exponential times: M/M/1 under Poisson arrivals.
class ExponentialQueue final : public Schedule {
public:
    ExponentialQueue(Duration mean, Random random) : mean_(mean), random_(random) {}
    Duration release(Duration arrival) override;

private:
    Duration mean_;
    Random random_;
    Duration free_{};
};

/// Any number at once, exponential times: M/M/∞.
class ExponentialServers final : public Schedule {
public:
    ExponentialServers(Duration mean, Random random) : mean_(mean), random_(random) {}
    Duration release(Duration arrival) override;

private:
    Duration mean_;
    Random random_;
};

/// Any number at once; a random share of them takes the slow time.
class FractionSlow final : public Schedule {
public:
    FractionSlow(Ratio share, Duration fast, Duration slow, Random random)
        : share_(share),
          fast_(fast),
          slow_(slow),
          random_(random)
    {}
    Duration release(Duration arrival) override;

private:
    Ratio share_;
    Duration fast_;
    Duration slow_;
    Random random_;
};

} // namespace squall::truth
