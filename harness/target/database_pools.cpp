#include "target/database_pools.hpp"

#include "target/database.hpp"
#include "target/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <utility>

namespace squall::target {
namespace {

std::string_view file_name(std::string_view path)
{
    return path.substr(path.rfind('/') + 1);
}

void tell_of_leak(std::string_view tier, const refkit::ReportLeak& leak)
{
    fmt::print(stderr, "squall-target: pool {}: a connection taken in {}:{} ({}) {} {}\n", tier,
               file_name(leak.where.file_name()), leak.where.line(), leak.where.function_name(),
               leak.returned ? "came back after" : "has been out for", format_duration(leak.held));
}

/// A tier's name in the settings; the last one for those that are none.
std::string_view to_string(Tier tier)
{
    switch (tier) {
    case Tier::auth:
        return "auth";
    case Tier::read:
        return "read";
    case Tier::write:
        return "write";
    case Tier::analytics:
        return "analytics";
    case Tier::main:
        break;
    }
    return "main";
}

refkit::PoolStats& operator+=(refkit::PoolStats& sum, const refkit::PoolStats& stats)
{
    sum.total += stats.total;
    sum.idle += stats.idle;
    sum.acquired += stats.acquired;
    sum.constructing += stats.constructing;
    sum.validating += stats.validating;
    sum.resetting += stats.resetting;
    sum.closing += stats.closing;
    sum.waiters += stats.waiters;
    sum.acquire_count += stats.acquire_count;
    sum.acquire_duration += stats.acquire_duration;
    sum.empty_acquire_count += stats.empty_acquire_count;
    sum.canceled_acquire_count += stats.canceled_acquire_count;
    sum.timeouts += stats.timeouts;
    sum.rejected += stats.rejected;
    sum.dials += stats.dials;
    sum.failed_dials += stats.failed_dials;
    sum.failed_validations += stats.failed_validations;
    sum.resets += stats.resets;
    sum.failed_resets += stats.failed_resets;
    sum.idle_closed += stats.idle_closed;
    sum.worn_closed += stats.worn_closed;
    sum.suspected_leaks += stats.suspected_leaks;
    return sum;
}

} // namespace

Task<wire::PostgresResult<wire::PostgresRows>>
DatabaseLease::query(std::string sql, std::vector<std::string> parameters, Instant deadline)
{
    auto rows = co_await loan_->query(std::move(sql), std::move(parameters), deadline);
    pass_.settle(rows || refused_query(rows.error()) ? refkit::Verdict::success : refkit::Verdict::failure);
    co_return rows;
}

DatabasePools::DatabasePools(const asio::any_io_executor& executor, const std::string& conninfo,
                             const scenario::TargetSettings& settings)
    : breaker_(make_breaker("postgres", settings.breaker.postgres))
{
    const auto params = scenario::database_pools(settings);
    for (const auto& tier : params.tiers) {
        names_.push_back(tier.name);
    }
    const refkit::PostgresAdapter adapter{with_application_name(conninfo, "meal-planner")};
    pools_ = std::make_unique<Pools>(executor, adapter, params, Random(std::random_device{}()));
    for (std::size_t place = 0; place < pools_->size(); ++place) {
        (*pools_)[place].on_leak([name = names_[place]](const refkit::ReportLeak& leak) { tell_of_leak(name, leak); });
    }
}

refkit::PostgresPool& DatabasePools::pool_of(Tier tier) const
{
    const auto found = std::ranges::find(names_, to_string(tier));
    return (*pools_)[found == names_.end() ? 0 : static_cast<std::size_t>(found - names_.begin())];
}

std::vector<Task<void>> DatabasePools::runs()
{
    std::vector<Task<void>> runs;
    for (std::size_t place = 0; place < pools_->size(); ++place) {
        runs.push_back((*pools_)[place].run());
    }
    return runs;
}

Task<void> DatabasePools::drain(Duration grace)
{
    const auto deadline = std::chrono::steady_clock::now() + grace;
    for (std::size_t place = 0; place < pools_->size(); ++place) {
        const auto left = std::max(Duration::zero(), deadline - std::chrono::steady_clock::now());
        co_await (*pools_)[place].drain(left);
    }
}

Task<DatabasePools::Leased> DatabasePools::lease(Tier tier, std::source_location where)
{
    const auto deadline = std::chrono::steady_clock::now() + pool_of(tier).params().acquire_timeout;
    auto leased = co_await lease(tier, deadline, where);
    co_return leased;
}

Task<DatabasePools::Leased> DatabasePools::lease(Tier tier, Instant deadline, std::source_location where)
{
    auto pass = ask(breaker_.get());
    if (!pass) {
        co_return refusal(pass.error());
    }
    auto acquired = co_await pool_of(tier).acquire(deadline, where);
    if (!acquired) {
        pass->settle(verdict_on(acquired.error()));
        co_return pool_refusal(acquired.error());
    }
    co_return DatabaseLease(std::move(*acquired), std::move(*pass));
}

std::vector<DatabasePools::NamedStats> DatabasePools::stats() const
{
    std::vector<NamedStats> all;
    for (std::size_t place = 0; place < pools_->size(); ++place) {
        all.push_back({names_[place], (*pools_)[place].stats()});
    }
    return all;
}

refkit::PoolStats DatabasePools::total() const
{
    refkit::PoolStats sum;
    for (const auto& [tier, stats] : this->stats()) {
        sum += stats;
    }
    sum.max = pools_->budget().max();
    return sum;
}

} // namespace squall::target
