// The highest load at which all holds, found with few trials: doubling or halving until one level holds and one does
// not, then bisection on the logarithm, then both edges repeated until each has a majority. Pure.
#pragma once

#include <map>
#include <optional>

namespace squall::analysis {

/// Levels are multiples of the scenario's own load.
struct LimitSearchBounds {
    double lowest = 1.0 / 64;
    double highest = 64;
    double precision = 0.05; // the edges stand no further apart than this share
    int repeats = 3;         // at each edge; odd. An edge is decided by the majority of them
    int most_trials = 30;
};

enum class LimitSearchEnd {
    found,         // both edges are confirmed
    highest_holds, // no level up to the highest failed
    none_holds,    // no level down to the lowest held
    out_of_trials,
};

/// Ask for next(), try it, tell record(); until next() gives nothing. A level that failed bounds every level above it,
/// also one that once held: of two readings that disagree the cautious one counts.
class LimitSearch {
public:
    explicit LimitSearch(LimitSearchBounds bounds);

    [[nodiscard]] std::optional<double> next() const;
    /// What became of the level that next() gave.
    void record(bool held);

    /// The highest level that held and the lowest that did not, by majority; a tie did not hold.
    [[nodiscard]] std::optional<double> held() const;
    [[nodiscard]] std::optional<double> failed() const;
    /// Only when next() gives nothing.
    [[nodiscard]] LimitSearchEnd end() const;
    [[nodiscard]] int trials() const { return trials_; }

private:
    struct Tally {
        int held = 0;
        int failed = 0;
    };
    [[nodiscard]] bool settled(std::optional<double> level) const;
    [[nodiscard]] std::optional<double> unsettled_edge() const;
    [[nodiscard]] std::optional<double> wanted() const;

    LimitSearchBounds bounds_;
    std::map<double, Tally> levels_;
    int trials_ = 0;
};

} // namespace squall::analysis
