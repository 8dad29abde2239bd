#include "analysis/series.hpp"

#include <algorithm>
#include <array>

namespace squall::analysis {
namespace {

constexpr std::array<std::string_view, 20> memory_names{"rss",
                                                        "vms",
                                                        "pss",
                                                        "uss",
                                                        "bytes",
                                                        "memory",
                                                        "used_memory",
                                                        "heap",
                                                        "heap_used",
                                                        "heap_total",
                                                        "anon",
                                                        "swap",
                                                        "working_set",
                                                        "rss_anon",
                                                        "cgroup_anon",
                                                        "cgroup_sock",
                                                        "cgroup_slab",
                                                        "cgroup_swap",
                                                        "cgroup_working_set",
                                                        "private_dirty"};
constexpr std::array<std::string_view, 3> memory_endings{"_bytes", "_memory", "_rss"};
// Shares, times, limits, classes, counters that only ever grow, and memory that the kernel fills and takes back as it
// likes (the page cache, the write-ahead log that is recycled): nothing that is held.
constexpr std::array<std::string_view, 19> other_names{
    "expired_keys",         "cpu",  "maxwait",    "uptime",      "limit",        "percent",       "evicted_keys",
    "rejected_connections", "max",  "started_at", "vms_per_rss", "memory_class", "cgroup_memory", "cgroup_file",
    "cgroup_memory_high",   "ooms", "oom_kills",  "wal_bytes",   "maxmemory"};
constexpr std::array<std::string_view, 8> other_endings{"_total", "_ratio", "_seconds", "_percent",
                                                        "_share", "_rate",  "_limit",   "_events"};
// What the kernel keeps of a closed connection for a minute (tcp(7)): it outlives any quiesce and is gone by itself.
constexpr std::array<std::string_view, 3> passing_labels{"{state=time_wait}", "{state=fin_wait1}", "{state=fin_wait2}"};

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
    if (contains(other_names, name) || ends_like(other_endings, name) || name.starts_with("total_") ||
        ends_like(passing_labels, gauge_name)) {
        return GaugeKind::other;
    }
    if (contains(memory_names, name) || ends_like(memory_endings, name) || name.starts_with("used_memory")) {
        return GaugeKind::memory;
    }
    return GaugeKind::count;
}

bool is_resident(std::string_view gauge_name)
{
    constexpr std::array<std::string_view, 10> resident{"rss",           "rss_anon",           "pss",  "uss",
                                                        "private_dirty", "cgroup_working_set", "swap", "vms",
                                                        "cgroup_memory", "cgroup_anon"};
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

double count_until(std::span<const double> cumulative, double seconds)
{
    if (cumulative.empty() || seconds <= 0) {
        return 0;
    }
    const auto whole = static_cast<std::size_t>(seconds);
    if (whole >= cumulative.size()) {
        return cumulative.back();
    }
    const double before = whole == 0 ? 0 : cumulative[whole - 1];
    return before + (cumulative[whole] - before) * (seconds - static_cast<double>(whole));
}

} // namespace squall::analysis
