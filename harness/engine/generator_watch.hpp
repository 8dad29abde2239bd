// What the seconds of a load say of the generator itself, gathered. Pure.
#pragma once

#include "engine/generator_verdict.hpp"
#include "measure/journal.hpp"

namespace squall::engine {

class GeneratorWatch {
public:
    /// The next second of the load.
    void add(const measure::SecondRecord& second, const measure::JournalHeader& header);
    void add_example(const measure::Stamp& error);

    /// `load` is the sum of the seconds.
    [[nodiscard]] GeneratorFacts facts(const measure::Window& load, const measure::JournalHeader& header,
                                       double load_seconds) const;
    [[nodiscard]] double ran_max() const { return ran_max_; }

private:
    std::uint64_t dropped_without_cpu_ = 0;
    double late_ = 0;
    double wanted_times_late_ = 0;
    struct Shares {
        double ran = 0;
        double waited = 0;
        int looks = 0;

        void add(double ran_share, double waited_share);
        [[nodiscard]] double ran_mean() const { return looks > 0 ? ran / looks : 0; }
        [[nodiscard]] double waited_mean() const { return looks > 0 ? waited / looks : 0; }
    };
    Shares all_;
    Shares in_trouble_;
    double ran_max_ = 0;
    int threads_ = 1;
    bool ports_ran_out_ = false;
};

} // namespace squall::engine
