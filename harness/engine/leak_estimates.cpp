#include "engine/leak_estimates.hpp"

#include <algorithm>
#include <set>

namespace squall::engine {
namespace {

using analysis::GaugeKind;

/// A leak of the generator's own is its health, not a finding about the stack.
bool is_own(const std::string& gauge)
{
    return gauge.starts_with("generator.");
}

/// "api" of "api.fds"; also of a gauge that a probe named.
std::string owner_of(const std::string& gauge)
{
    return gauge.substr(0, gauge.find('.'));
}

/// A service of the stack died, or NAME.started_at moved.
std::vector<analysis::Restart> restarts(const RunRecord& record)
{
    std::vector<analysis::Restart> found;
    for (const auto& stamp : record.stamps) {
        if (stamp.kind == "service_died") {
            found.push_back({stamp.text.substr(0, stamp.text.find(' ')), stamp.at_seconds});
        }
    }
    for (const auto& [name, series] : record.gauges) {
        for (std::size_t at = 1; name.ends_with(".started_at") && at < series.points.size(); ++at) {
            if (series.points[at].value != series.points[at - 1].value) {
                found.push_back({owner_of(name), series.points[at].at_seconds});
            }
        }
    }
    return found;
}

bool is_server(const measure::JournalHeader::Service& service)
{
    static const std::set<std::string> kinds{"postgres", "pgbouncer", "redis"};
    return kinds.count(service.kind) > 0;
}

/// A process's own gauges end with it. A server counts what the services hold, and a probe may: those are cut by the
/// restart of any of them.
std::vector<analysis::Restart> restarts_behind(const RunRecord& record, const std::string& gauge,
                                               const std::vector<analysis::Restart>& all)
{
    const auto owner = owner_of(gauge);
    const auto& services = record.header.services;
    const bool own_process = std::ranges::any_of(
        services, [&owner](const auto& service) { return service.name == owner && !is_server(service); });
    std::vector<analysis::Restart> behind;
    std::ranges::copy_if(all, std::back_inserter(behind),
                         [&](const auto& restart) { return !own_process || restart.who == owner; });
    return behind;
}

/// The servers that the harness brings do not collect garbage; of anything else nobody knows, and it is taken for so.
bool collects_garbage(const RunRecord& record, const std::string& gauge)
{
    const auto& services = record.header.services;
    const auto service = std::ranges::find(services, owner_of(gauge), &measure::JournalHeader::Service::name);
    return service == services.end() || !(is_server(*service) || service->kind == "target");
}

/// Requests up to the end of each second of the traffic, over all steps and outcomes.
std::vector<double> operations_by_second(const RunRecord& record)
{
    std::vector<double> operations;
    for (const auto& candidate : record.candidates) {
        operations.resize(std::max(operations.size(), candidate.cumulative.size()));
        for (std::size_t at = 0; at < operations.size(); ++at) {
            operations[at] += at < candidate.cumulative.size() ? candidate.cumulative[at] : candidate.cumulative.back();
        }
    }
    return operations;
}

double failed_in(const RunRecord& record, const analysis::PhaseSpan& load)
{
    double failed = 0;
    for (const auto& second : record.seconds) {
        const double middle = static_cast<double>(second.second) + 0.5;
        failed += middle >= load.begin && middle < load.end ? static_cast<double>(second.errors) : 0;
    }
    return failed;
}

/// A part that was first seen in the load held nothing while the whole was read before it.
analysis::GaugeSeries from_the_start(const RunRecord& record, const analysis::GaugeSeries& series)
{
    const auto label = series.name.find('{');
    const auto whole =
        label == std::string::npos ? record.gauges.end() : record.gauges.find(series.name.substr(0, label));
    auto padded = series;
    if (whole == record.gauges.end() || series.points.empty()) {
        return padded;
    }
    std::vector<analysis::GaugePoint> before;
    for (const auto& point : whole->second.points) {
        if (point.at_seconds < series.points.front().at_seconds) {
            before.push_back({point.at_seconds, 0});
        }
    }
    padded.points.insert(padded.points.begin(), before.begin(), before.end());
    return padded;
}

std::vector<analysis::LeakCycle> cycles_of(const RunRecord& record)
{
    std::vector<analysis::LeakCycle> cycles;
    for (const auto& cycle : record.cycles) {
        analysis::LeakCycle judged{cycle.load, std::nullopt, cycle.operations, failed_in(record, cycle.load)};
        if (cycle.quiesce) {
            judged.quiesce = analysis::Rest{*cycle.quiesce, cycle.collected};
        }
        cycles.push_back(judged);
    }
    return cycles;
}

} // namespace

LeakEstimates leak_estimates(const RunRecord& record)
{
    LeakEstimates estimates;
    const auto operations = operations_by_second(record);
    const auto cycles = cycles_of(record);
    const auto all_restarts = restarts(record);
    std::optional<analysis::Rest> settle;
    if (const auto span = record.span(measure::Phase::settle)) {
        settle = analysis::Rest{*span, record.settle_collected};
    }
    for (const auto& [name, series] : record.gauges) {
        if (series.kind == GaugeKind::other || is_own(name)) {
            continue;
        }
        const auto behind = restarts_behind(record, name, all_restarts);
        const auto whole = from_the_start(record, series);
        analysis::LeakInput input{whole, settle, cycles, operations, behind, collects_garbage(record, name)};
        const auto cap = record.header.declared_caps.find(name);
        if (cap != record.header.declared_caps.end()) {
            input.declared_cap = cap->second;
        }
        estimates.emplace(name, analysis::estimate_leak(input));
    }
    return estimates;
}

} // namespace squall::engine
