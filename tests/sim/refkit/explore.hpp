// Runs many lives and says which one broke a promise, and how to see it again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace squall::sim {

struct Request {
    std::string world; // empty: all of them, and the pool with `seed`
    std::optional<std::uint64_t> seed;
    std::vector<std::string> cancel;    // "STEP:TARGET"
    std::optional<std::uint64_t> group; // a life of several pools
    std::uint64_t first = 1;
    std::uint64_t seeds = 100'000;
    std::uint64_t groups = 20'000; // lives of several pools
    std::uint64_t small = 300;
    std::uint64_t pairs = 10;
    unsigned threads = std::max(1U, std::thread::hardware_concurrency());
};

/// The program's exit code: 0 when every promise was kept, 1 when one was broken, 2 for a request that makes no sense.
int run(const Request& request);

} // namespace squall::sim
