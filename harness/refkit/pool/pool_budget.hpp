// One bound for several pools, such as the tiers auth, read, write and analytics of one database: together they never
// hold more connections than the server allows, each may always have its minimum, and what one does not use another
// may borrow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace squall::refkit {

/// Pure; one thread, that of the pools which share it. A pool asks for room before each dial and gives it back when a
/// connection is gone; when it wants more than there is it says so, and the others part with what they do not use.
class PoolBudget {
public:
    using Tier = std::size_t;

    /// Asserts max ≥ 1.
    explicit PoolBudget(std::size_t max);
    /// One more pool, which may always have `min`. Asserts that the minima fit into the budget. Takes the place of one
    /// that has retired and holds nothing any more.
    Tier add(std::size_t min);

    /// The tier has ended: what was kept for it is everybody's.
    void retire(Tier tier);

    /// How many connections the tier may dial now: what is free, less what others lack of their minima. Nothing above
    /// its own minimum while another has waited for room longer.
    [[nodiscard]] std::size_t room(Tier tier) const;
    /// Asserts that there is room.
    void take(Tier tier);
    void give_back(Tier tier);
    /// The tier could use so many more than it has room for. True when it said something else before.
    bool want(Tier tier, std::size_t more);
    /// How many connections the others want of this one: it should close so many that it does not use.
    [[nodiscard]] std::size_t wanted_by_others(Tier tier) const;

    [[nodiscard]] std::size_t max() const { return max_; }
    [[nodiscard]] std::size_t used() const { return used_; }
    [[nodiscard]] std::size_t used(Tier tier) const { return tiers_[tier].used; }

private:
    struct Account {
        std::size_t min = 0;
        std::size_t used = 0;
        std::size_t wanted = 0;
        std::uint64_t wanting_since = 0; // a count, not a time
        bool retired = false;
    };
    [[nodiscard]] std::size_t free_for(Tier tier) const;

    std::size_t max_;
    std::size_t used_ = 0;
    std::uint64_t next_turn_ = 1;
    std::vector<Account> tiers_;
};

} // namespace squall::refkit
