// Several pools to one server under one bound, such as auth, read, write and analytics: a flood of reports cannot take
// the connections by which people log in.
#pragma once

#include "refkit/pool/connection_pool.hpp"
#include "refkit/rejection.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace squall::refkit {

/// Each tier has its own parameters; its min_idle is always kept for it. One executor, as for a single pool. Spawn the
/// run() of each tier.
template <typename Adapter, typename Timer = asio::steady_timer>
class PoolTiers {
public:
    using Pool = ConnectionPool<Adapter, Timer>;

    /// Throws std::invalid_argument when check(params) finds something broken.
    PoolTiers(const asio::any_io_executor& executor, const Adapter& adapter, const PoolTiersParams& params,
              const Random& random, const std::shared_ptr<const Clock>& clock = std::make_shared<SteadyClock>())
        : budget_((require_valid(check(params)), std::make_shared<PoolBudget>(params.max))),
          pools_(std::make_shared<Pools>())
    {
        for (std::size_t tier = 0; tier < params.tiers.size(); ++tier) {
            pools_->push_back(
                std::make_unique<Pool>(executor, adapter, params.tiers[tier].pool, random.stream("tier", tier), clock));
            pools_->back()->share(budget_, [weak = std::weak_ptr(pools_), tier] { tell_others(weak.lock(), tier); });
        }
    }

    [[nodiscard]] Pool& operator[](std::size_t tier) { return *(*pools_)[tier]; }
    [[nodiscard]] std::size_t size() const { return pools_->size(); }
    [[nodiscard]] const PoolBudget& budget() const { return *budget_; }

private:
    using Pools = std::vector<std::unique_ptr<Pool>>;

    static void tell_others(const std::shared_ptr<Pools>& pools, std::size_t tier)
    {
        for (std::size_t other = 0; pools && other < pools->size(); ++other) {
            if (other != tier && (*pools)[other]) {
                (*pools)[other]->look();
            }
        }
    }

    std::shared_ptr<PoolBudget> budget_;
    std::shared_ptr<Pools> pools_;
};

} // namespace squall::refkit
