#include "refkit/pool/pool_budget.hpp"

#include "base/assert.hpp"
#include "refkit/mutants.hpp"

#include <algorithm>

namespace squall::refkit {

PoolBudget::PoolBudget(std::size_t max) : max_(max)
{
    SQUALL_ASSERT(max >= 1);
}

PoolBudget::Tier PoolBudget::add(std::size_t min)
{
    std::size_t promised = min;
    for (const auto& account : tiers_) {
        promised += account.min;
    }
    SQUALL_ASSERT(promised <= max_);
    const auto vacant =
        std::ranges::find_if(tiers_, [](const Account& each) { return each.retired && each.used == 0; });
    if (vacant != tiers_.end()) {
        *vacant = {.min = min};
        return static_cast<Tier>(vacant - tiers_.begin());
    }
    tiers_.push_back({.min = min});
    return tiers_.size() - 1;
}

void PoolBudget::retire(Tier tier)
{
    tiers_[tier].min = 0;
    tiers_[tier].wanted = 0;
    tiers_[tier].retired = true;
}

std::size_t PoolBudget::free_for(Tier tier) const
{
    std::size_t kept = 0; // for the minima of the others
    for (Tier other = 0; other < tiers_.size(); ++other) {
        const auto& account = tiers_[other];
        kept += other == tier || account.used >= account.min ? 0 : account.min - account.used;
    }
    const auto& own = tiers_[tier];
    const auto free = max_ - used_;
    if (SQUALL_MUTANT(tier_takes_all)) {
        return free;
    }
    const auto below_minimum = own.min - std::min(own.min, own.used);
    return std::max(free - std::min(free, kept), std::min(free, below_minimum));
}

std::size_t PoolBudget::room(Tier tier) const
{
    const auto& own = tiers_[tier];
    const auto free = free_for(tier);
    for (Tier other = 0; other < tiers_.size(); ++other) {
        const auto& account = tiers_[other];
        const bool before = account.wanted > 0 && (own.wanted == 0 || account.wanting_since < own.wanting_since);
        if (other != tier && before && free_for(other) > 0) {
            return std::min(free, own.min - std::min(own.min, own.used));
        }
    }
    return free;
}

void PoolBudget::take(Tier tier)
{
    SQUALL_ASSERT(used_ < max_);
    auto& own = tiers_[tier];
    ++used_;
    ++own.used;
    // To the end of the queue: the next place is another's.
    own.wanted -= std::min<std::size_t>(own.wanted, 1);
    own.wanting_since = next_turn_++;
}

void PoolBudget::give_back(Tier tier)
{
    SQUALL_ASSERT(tiers_[tier].used > 0);
    --used_;
    --tiers_[tier].used;
}

bool PoolBudget::want(Tier tier, std::size_t more)
{
    auto& own = tiers_[tier];
    const bool changes = more != own.wanted;
    if (own.wanted == 0 && more > 0) {
        own.wanting_since = next_turn_++;
    }
    own.wanted = more;
    return changes;
}

std::size_t PoolBudget::wanted_by_others(Tier tier) const
{
    std::size_t wanted = 0;
    for (Tier other = 0; other < tiers_.size(); ++other) {
        wanted += other == tier ? 0 : tiers_[other].wanted;
    }
    const auto free = max_ - used_;
    return wanted - std::min(wanted, free);
}

} // namespace squall::refkit
