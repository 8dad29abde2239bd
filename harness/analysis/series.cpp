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
constexpr std::array<std::string_view, 8> other_names{
    "cpu", "maxwait", "uptime", "limit", "percent", "evicted_keys", "rejected_connections", "max"};
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

double usual_spacing(const GaugeSeries& series)
{
    std::vector<double> spacings;
    for (std::size_t i = 1; i < series.points.size(); ++i) {
        spacings.push_back(series.points[i].at_seconds - series.points[i - 1].at_seconds);
    }
    if (spacings.empty()) {
        return 0;
    }
    const auto middle = spacings.begin() + static_cast<std::ptrdiff_t>(spacings.size() / 2);
    std::ranges::nth_element(spacings, middle);
    return *middle;
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

bool is_resident(std::string_view gauge_name)
{
    constexpr std::array<std::string_view, 8> resident{"rss",  "rss_anon", "pss",           "uss",
                                                       "swap", "vms",      "cgroup_memory", "cgroup_anon"};
    return contains(resident, gauge_name.substr(gauge_name.rfind('.') + 1));
}

double meaningless_amount(std::string_view gauge_name)
{
    return is_resident(gauge_name) ? 1024.0 * 1024 : 0;
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

double unread_for(const GaugeSeries& series, double begin, double end)
{
    constexpr double least_gap = 2; // seconds
    double longest = 0;
    double before = begin;
    for (const auto& point : points_between(series.points, begin, end)) {
        longest = std::max(longest, point.at_seconds - before);
        before = point.at_seconds;
    }
    longest = std::max(longest, end - before);
    return longest > std::max(least_gap, 5 * usual_spacing(series)) ? longest : 0;
}

} // namespace squall::analysis
