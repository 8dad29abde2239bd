// How many requests each route answered, with which status and in how much time.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace squall::target {

struct RequestCount {
    std::uint64_t answered = 0;
    Duration time{}; // sum
};

/// One thread. Bounded: routes come from the table, not from the client.
class RequestCounters {
public:
    using Key = std::pair<std::string, unsigned>; // route, status

    void record(std::string_view route, unsigned status, Duration time)
    {
        auto& count = counts_[Key(route, status)];
        ++count.answered;
        count.time += time;
    }
    [[nodiscard]] const std::map<Key, RequestCount>& counts() const { return counts_; }

private:
    std::map<Key, RequestCount> counts_;
};

} // namespace squall::target
