// Whether what threads saw could have been seen by one after the other (M. Herlihy and J. Wing, "Linearizability", ACM
// TOPLAS 1990), by trying the orders (J. Wing and C. Gong, "Testing and verifying concurrent objects", 1993).
#pragma once

#include "base/random.hpp"

#include <algorithm>
#include <atomic>
#include <barrier>
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

/// `rounds` histories of `threads` × `calls` operations: `renew(round)` makes the object of a round and its model,
/// `act(random)` does one operation and records how it ended. How many of them no order explains.
template <typename Operation, typename Renew, typename Act>
int unexplained_histories(int rounds, int threads, int calls, Renew renew, Act act)
{
    std::vector<std::vector<Recorded<Operation>>> own(static_cast<std::size_t>(threads));
    std::atomic<std::uint64_t> clock{1};
    std::atomic<int> ready{0};
    std::barrier round_done(threads + 1);
    auto model = renew(0);
    std::vector<std::jthread> crew;
    for (int thread = 0; thread < threads; ++thread) {
        crew.emplace_back([&, thread] {
            Random random(static_cast<std::uint64_t>(thread) + 1);
            auto& mine = own[static_cast<std::size_t>(thread)];
            for (int round = 0; round < rounds; ++round) {
                round_done.arrive_and_wait();
                mine.clear();
                ++ready;
                for (int spins = 0; ready < threads && spins < 2000; ++spins) { // as near to each other as may be
                }
                for (int call = 0; call < calls; ++call) {
                    const auto invoked = clock++;
                    const auto operation = act(random);
                    mine.push_back({operation, invoked, clock++});
                }
                round_done.arrive_and_wait();
            }
        });
    }
    int unexplained = 0;
    for (int round = 0; round < rounds; ++round) {
        model = renew(round);
        ready = 0;
        round_done.arrive_and_wait();
        round_done.arrive_and_wait();
        std::vector<Recorded<Operation>> history;
        for (const auto& part : own) {
            history.insert(history.end(), part.begin(), part.end());
        }
        unexplained += Linearizer<decltype(model), Operation>(history).finds_an_order(model) ? 0 : 1;
    }
    return unexplained;
}

} // namespace squall::refkit
