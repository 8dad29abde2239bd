// A check followed through the load second by second: over all of it so far, or in every window of its "over".
#pragma once

#include "measure/window.hpp"
#include "slo/evaluate.hpp"

#include <deque>
#include <vector>

namespace squall::slo {

/// What a check sees of one or several seconds.
struct LoadPiece {
    measure::StepWindow step; // only what the check looks at is filled
    std::uint64_t dropped = 0;
    double seconds = 0;

    void add(const LoadPiece& other);
};

/// First in, first out, and always the sum of what is in: two stacks, one of which keeps running sums, so that a window
/// slides with two additions whatever its length (histograms cannot be subtracted).
class SlidingSum {
public:
    void push(LoadPiece piece);
    void pop();
    [[nodiscard]] LoadPiece total() const;

private:
    std::vector<LoadPiece> front_; // front_[i]: the sum of the (i + 1) youngest in it; the oldest is in the last
    std::vector<LoadPiece> back_;
    LoadPiece back_sum_;
};

/// For every metric but leak and gauge. Times are seconds on one clock, that of the run.
///
/// With "over", windows slide by a second. They are whole to half a second, as seconds are where phases begin; a load
/// shorter than the window is one window. Of all windows the worst decides, the first of equals; one without samples is
/// worse than any. Windows end with the arrivals: what is still answered behind `arrivals_over()` counts into the last.
class LoadJudge {
public:
    /// `one_population`: see Facts.
    LoadJudge(Check check, const std::vector<std::string>& step_names, bool one_population = false);

    void add(const measure::Window& second, double begin, double end);
    /// From now on nothing new is sent.
    void arrivals_over() { arrivals_over_ = true; }
    /// They go on, in a further load: windows do not reach from one into the next, unless the loads are shorter.
    void arrivals_again();
    /// Of what was added so far; its time says where the worst window lies.
    [[nodiscard]] Verdict verdict() const;
    [[nodiscard]] const Check& check() const { return check_; }

private:
    [[nodiscard]] LoadPiece piece_of(const measure::Window& second, double seconds) const;
    [[nodiscard]] Verdict judge(const LoadPiece& piece) const;
    void slide(LoadPiece piece, double begin, double end);
    void judge_window();

    struct Span {
        double begin = 0;
        double end = 0;
    };
    struct Worst {
        Verdict verdict;
        Span span;
    };

    Check check_;
    std::optional<std::size_t> step_; // nothing: all of them
    LoadPiece all_;                   // without "over"
    SlidingSum window_;
    std::deque<Span> spans_; // of the seconds in window_
    std::optional<Worst> worst_;
    std::size_t windows_ = 0;
    bool one_population_ = false;
    bool arrivals_over_ = false;
};

} // namespace squall::slo
