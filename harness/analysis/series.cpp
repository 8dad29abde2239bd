#include "analysis/series.hpp"

#include <algorithm>
#include <array>

namespace squall::analysis {
namespace {

constexpr std::array<std::string_view, 13> memory_names{
    "rss",  "vms",       "pss",        "uss",  "bytes", "memory",     "used_memory",
    "heap", "heap_used", "heap_total", "anon", "swap",  "working_set"};
constexpr std::array<std::string_view, 3> memory_endings{"_bytes", "_memory", "_rss"};
// Shares, times, limits, and counters that only ever grow: nothing that is held.
constexpr std::array<std::string_view, 9> other_names{
    "cpu", "maxwait", "uptime", "limit", "percent", "evicted_keys", "rejected_connections", "max", "started_at"};
constexpr std::array<std::string_view, 6> other_endings{"_total", "_ratio", "_seconds", "_percent", "_share", "_rate"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name)
{
    return std::ranges::find(names, name) != names.end();
}

template <std::size_t N>
bool ends_like(const std::array<std::string_view, N>& endings, std::string_view name)
{
    return std::ranges::any_of(endings, [name](std::string_view ending) { return name.ends_with(ending); });
}

} // namespace

GaugeKind kind_of(std::string_view gauge_name)
{
    auto name = gauge_name.substr(0, gauge_name.find('{'));
    const auto dot = name.rfind('.');
    name = dot == std::string_view::npos ? name : name.substr(dot + 1);
    if (contains(other_names, name) || ends_like(other_endings, name) || name.starts_with("total_")) {
        return GaugeKind::other;
    }
    if (contains(memory_names, name) || ends_like(memory_endings, name) || name.starts_with("used_memory")) {
        return GaugeKind::memory;
    }
    return GaugeKind::count;
}

std::optional<PhaseSpan> find_phase(std::span<const PhaseSpan> phases, measure::Phase phase)
{
    const auto found = std::ranges::find(phases, phase, &PhaseSpan::phase);
    return found == phases.end() ? std::nullopt : std::optional(*found);
}

std::span<const GaugePoint> points_between(std::span<const GaugePoint> points, double begin, double end)
{
    const auto first = std::ranges::lower_bound(points, begin, {}, &GaugePoint::at_seconds);
    const auto last = std::ranges::lower_bound(first, points.end(), end, {}, &GaugePoint::at_seconds);
    return {first, last};
}

} // namespace squall::analysis
