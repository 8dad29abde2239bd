// Whether what threads saw could have been seen by one after the other (M. Herlihy and J. Wing, "Linearizability", ACM
// TOPLAS 1990), by trying the orders (J. Wing and C. Gong, "Testing and verifying concurrent objects", 1993).
#pragma once

#include "base/random.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace squall::refkit {

/// `invoked` and `returned` are of one clock of all threads.
template <typename Operation>
struct Recorded {
    Operation operation;
    std::uint64_t invoked = 0;
    std::uint64_t returned = 0;
};

/// Model: copied, compared by state(), and `bool allows(const Operation&)` does the operation and says whether it ends
/// as it was recorded. At most 32 operations.
template <typename Model, typename Operation>
class Linearizer {
public:
    explicit Linearizer(const std::vector<Recorded<Operation>>& history) : history_(history) {}

    [[nodiscard]] bool finds_an_order(const Model& model, std::uint32_t done = 0)
    {
        if (done == (std::uint64_t{1} << history_.size()) - 1) {
            return true;
        }
        if (!seen_.emplace(done, model.state()).second) {
            return false;
        }
        const auto is_left = [done](std::size_t i) { return (done >> i & 1) == 0; };
        auto first_return = ~std::uint64_t{0};
        for (std::size_t i = 0; i < history_.size(); ++i) {
            first_return = is_left(i) ? std::min(first_return, history_[i].returned) : first_return;
        }
        for (std::size_t i = 0; i < history_.size(); ++i) {
            // Nothing comes before what had returned before it was invoked.
            if (!is_left(i) || history_[i].invoked > first_return) {
                continue;
            }
            auto next = model;
            if (next.allows(history_[i].operation) && finds_an_order(next, done | 1U << i)) {
                return true;
            }
        }
        return false;
    }

private:
    const std::vector<Recorded<Operation>>& history_;
    std::set<std::pair<std::uint32_t, std::int64_t>> seen_;
};

/// `rounds` times 50 histories of `threads` × `calls` operations. `renew(i)` makes the i-th object anew and returns its
/// model, `act(i, random)` does one operation on it and records how it ended. How many of them no order explains.
template <typename Operation, typename Renew, typename Act>
int unexplained_histories(int rounds, int threads, int calls, Renew renew, Act act)
{
    constexpr std::size_t objects = 50; // few meetings for many histories: on a busy machine a meeting is long
    std::vector<decltype(renew(std::size_t{0}))> models;
    for (std::size_t i = 0; i < objects; ++i) {
        models.push_back(renew(i));
    }
    std::vector<std::vector<Recorded<Operation>>> own(static_cast<std::size_t>(threads) * objects);
    std::atomic<std::uint64_t> clock{1};
    std::atomic<int> arrived{0};
    const auto live = [&](int thread) {
        Random random(clock++);
        for (std::size_t i = 0; i < objects; ++i) {
            auto& mine = own[i * static_cast<std::size_t>(threads) + static_cast<std::size_t>(thread)];
            mine.clear();
            ++arrived;
            // As near to each other as may be had without waiting for long.
            for (int spins = 0; arrived < threads * static_cast<int>(i + 1) && spins < 5000; ++spins) {
            }
            for (int call = 0; call < calls; ++call) {
                const auto invoked = clock++;
                const auto operation = act(i, random);
                mine.push_back({operation, invoked, clock++});
            }
        }
    };
    int unexplained = 0;
    for (int round = 0; round < rounds; ++round) {
        arrived = 0;
        std::vector<std::jthread> crew;
        for (int thread = 0; thread < threads; ++thread) {
            crew.emplace_back(live, thread);
        }
        crew.clear();
        for (std::size_t i = 0; i < objects; ++i) {
            std::vector<Recorded<Operation>> history;
            for (auto part = own.begin() + static_cast<std::ptrdiff_t>(i) * threads, end = part + threads; part != end;
                 ++part) {
                history.insert(history.end(), part->begin(), part->end());
            }
            unexplained += Linearizer<decltype(renew(i)), Operation>(history).finds_an_order(models[i]) ? 0 : 1;
            models[i] = renew(i);
        }
    }
    return unexplained;
}

} // namespace squall::refkit
