// The database as handlers see it: a pool for each tier of requests within one bound, and the breaker before them.
#pragma once

#include "refkit/pool/pool_tiers.hpp"
#include "refkit/pool/postgres_adapter.hpp"
#include "scenario/target_settings.hpp"
#include "target/breakers.hpp"
#include "target/http.hpp"

#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace squall::target {

/// What a request is; a tier without a pool of its own uses that of `main`.
enum class Tier { main, auth, read, write, analytics };

/// A connection on loan, and the breaker's pass for what is done with it. Goes back when this goes. Move-only.
class DatabaseLease {
public:
    DatabaseLease(refkit::PostgresPool::Loan loan, BreakerPass pass) : loan_(std::move(loan)), pass_(std::move(pass)) {}

    /// The breaker counts a server that is gone or silent as a failure; a refused query is an answer like any other.
    Task<wire::PostgresResult<wire::PostgresRows>> query(std::string sql, std::vector<std::string> parameters,
                                                         Instant deadline);
    /// Before this goes.
    void give_back() { loan_.give_back(); }

private:
    refkit::PostgresPool::Loan loan_;
    BreakerPass pass_;
};

/// One thread.
class DatabasePools {
public:
    /// application_name "meal-planner".
    DatabasePools(const asio::any_io_executor& executor, const std::string& conninfo,
                  const scenario::TargetSettings& settings);

    /// To be spawned, each as a coroutine of its own.
    [[nodiscard]] std::vector<Task<void>> runs();
    /// As the pool's drain(), for all of them together.
    Task<void> drain(Duration grace);

    /// A lease by `deadline`, or the answer to give instead; without one, in the pool's own acquire_timeout.
    using Leased = boost::system::result<DatabaseLease, Response>;
    Task<Leased> lease(Tier tier, std::source_location where = std::source_location::current());
    Task<Leased> lease(Tier tier, Instant deadline, std::source_location where = std::source_location::current());

    struct NamedStats {
        std::string_view tier;
        refkit::PoolStats stats;
    };
    /// The main pool's, and those of the tiers that have one of their own.
    [[nodiscard]] std::vector<NamedStats> stats() const;
    /// All of them together; `max` is the bound that they share.
    [[nodiscard]] refkit::PoolStats total() const;
    /// Null: there is none.
    [[nodiscard]] const refkit::CircuitBreaker* breaker() const { return breaker_.get(); }

private:
    using Pools = refkit::PoolTiers<refkit::PostgresAdapter>;

    [[nodiscard]] refkit::PostgresPool& pool_of(Tier tier) const;

    std::vector<std::string> names_; // of the pools; the first is "main"
    std::unique_ptr<Pools> pools_;
    std::unique_ptr<refkit::CircuitBreaker> breaker_;
};

} // namespace squall::target
