// One simulated life of several pools under one bound: tiers of one database, or a shared pool and its successors.
#pragma once

#include "refkit/pool/pool_tiers.hpp"
#include "refkit/pool/shared_pools.hpp"
#include "sim/refkit/mock_backend.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace squall::sim {

class GroupWorld {
public:
    explicit GroupWorld(std::uint64_t seed);
    ~GroupWorld();
    GroupWorld(const GroupWorld&) = delete;
    GroupWorld& operator=(const GroupWorld&) = delete;

    /// The first broken promise; nothing when all were kept.
    [[nodiscard]] std::optional<std::string> live();
    [[nodiscard]] std::uint64_t steps() const { return context_.steps(); }

private:
    using Pool = refkit::ConnectionPool<MockAdapter, SimTimer>;
    using Tiers = refkit::PoolTiers<MockAdapter, SimTimer>;
    using Shared = refkit::SharedPools<MockAdapter, SimTimer>;
    struct Caller {
        explicit Caller(Random its_random) : random(its_random), rounds(static_cast<int>(random.between(1, 12))) {}

        Random random;
        int rounds;
        bool cancelled = false;
        bool started = false;
        int ended = 0;
        asio::cancellation_signal signal{};
    };

    void draw_params(refkit::PoolParams& params);
    void start();
    void interfere();
    void check();
    void check_tiers();
    void break_promise(std::string what);

    static Task<void> live_as(GroupWorld* world, Caller* caller);
    static Task<void> use_once(GroupWorld* world, Caller* caller);
    static Task<void> ask(GroupWorld* world, Caller* caller, std::shared_ptr<Pool> pool);

    std::uint64_t seed_;
    Random random_;
    SimContext context_;
    MockServer server_;
    std::string complaint_;
    std::size_t max_ = 1;
    refkit::PoolParams shared_params_;
    std::vector<refkit::PoolParams> params_;
    std::unique_ptr<Tiers> tiers_;   // either these …
    std::unique_ptr<Shared> shared_; // … or this
    std::vector<std::unique_ptr<Caller>> callers_;
    double cancel_rate_ = 0;
    std::optional<std::string> broken_;
};

} // namespace squall::sim
