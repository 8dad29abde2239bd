// The first message of each kind of error of each step, so that a count in the result comes with something to read.
#pragma once

#include "measure/outcome.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace squall::engine {

struct ErrorExample {
    std::uint32_t step = 0;
    measure::ErrorKind kind = measure::ErrorKind::none;
    std::string text;
};

/// One a shard, on its thread; memory is bounded by steps × kinds.
class ErrorExamples {
public:
    void note(std::uint32_t step, measure::ErrorKind kind, const std::string& text)
    {
        if (seen_.emplace(step, kind).second) {
            fresh_.push_back({step, kind, text});
        }
    }

    /// Those since the last call.
    [[nodiscard]] std::vector<ErrorExample> take() { return std::exchange(fresh_, {}); }

private:
    std::set<std::pair<std::uint32_t, measure::ErrorKind>> seen_;
    std::vector<ErrorExample> fresh_;
};

} // namespace squall::engine
