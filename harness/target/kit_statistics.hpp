// Every statistic of the reference kit, named once for /metrics and /debug/pool-status.
#pragma once

#include "refkit/breaker/breaker_params.hpp"
#include "refkit/cache/cache_params.hpp"
#include "refkit/limiter/concurrency_state.hpp"
#include "refkit/limiter/pressure_shedder.hpp"
#include "refkit/limiter/rate_state.hpp"
#include "refkit/pool/pool_params.hpp"
#include "refkit/registry/registry_params.hpp"
#include "target/prometheus_text.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace squall::target {

struct Statistic {
    std::string_view name;   // in JSON; empty: only a metric
    std::string_view metric; // without its part's prefix; one that ends in _total counts, all others are gauges
    std::string_view help;
    double value = 0;
    std::pair<std::string_view, std::string_view> label{}; // for metrics that several statistics share
};
/// Those that share a metric stand together.
using Statistics = std::vector<Statistic>;

[[nodiscard]] Statistics statistics_of(const refkit::PoolStats& stats);
[[nodiscard]] Statistics statistics_of(const refkit::BreakerStats& stats);
[[nodiscard]] Statistics statistics_of(const refkit::RateStats& stats);
[[nodiscard]] Statistics statistics_of(const refkit::ConcurrencyStats& stats);
[[nodiscard]] Statistics statistics_of(const refkit::PressureStats& stats);
[[nodiscard]] Statistics statistics_of(const refkit::RegistryStats& stats);
[[nodiscard]] Statistics statistics_of(const refkit::CacheStats& stats);

void add_to(boost::json::object& body, const Statistics& statistics);
[[nodiscard]] boost::json::object to_json(const Statistics& statistics);

/// One part of the kit, which may be there several times: pools by tier, breakers by what they guard.
struct LabelledStatistics {
    PrometheusText::Labels labels;
    Statistics statistics;
};
/// `prefix` begins each metric's name. Nothing is written for no source.
void write_metrics(PrometheusText& out, std::string_view prefix, const std::vector<LabelledStatistics>& sources);

} // namespace squall::target
