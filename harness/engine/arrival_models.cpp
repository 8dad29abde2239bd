#include "engine/arrival_models.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace squall::engine {
namespace {

using scenario::ClosedArrival;
using scenario::Distribution;
using scenario::RateArrival;
using scenario::StagedRate;
using scenario::StagedUsers;

std::vector<arrivals::RateStage> constant_stages(const RateArrival& arrival, Duration length)
{
    if (!arrival.spike) {
        return {{length, arrival.rate, arrival.rate}};
    }
    const auto& spike = *arrival.spike;
    return {{spike.at, arrival.rate, arrival.rate},
            {spike.length, spike.rate, spike.rate},
            {std::max(length - spike.at - spike.length, Duration::zero()), arrival.rate, arrival.rate}};
}

std::vector<arrivals::RateStage> rate_stages(const scenario::Arrival& arrival, Duration length)
{
    if (const auto* constant = std::get_if<RateArrival>(&arrival.model)) {
        return constant_stages(*constant, length);
    }
    std::vector<arrivals::RateStage> stages;
    Rate from;
    Duration covered{};
    for (const auto& stage : std::get<StagedRate>(arrival.model).stages) {
        stages.push_back({stage.length, from, stage.rate});
        from = stage.rate;
        covered += stage.length;
    }
    // The last rate holds until the phase is over.
    stages.push_back({std::max(length - covered, Duration::zero()), from, from});
    return stages;
}

std::vector<arrivals::UserStage> user_stages(const scenario::Arrival& arrival, Duration length)
{
    std::vector<arrivals::UserStage> stages;
    if (const auto* fixed = std::get_if<ClosedArrival>(&arrival.model)) {
        const auto ramp = std::min(fixed->ramp, length / 2);
        stages.push_back({ramp, fixed->users});
        if (const auto& spike = fixed->spike) {
            stages.push_back({std::max(spike->at - ramp, Duration::zero()), fixed->users});
            stages.push_back({Duration::zero(), spike->users});
            stages.push_back({spike->length, spike->users});
            stages.push_back({Duration::zero(), fixed->users});
        }
        return stages;
    }
    for (const auto& stage : std::get<StagedUsers>(arrival.model).stages) {
        stages.push_back({stage.length, stage.users});
    }
    return stages;
}

Distribution distribution_of(const scenario::Arrival& arrival)
{
    const auto* constant = std::get_if<RateArrival>(&arrival.model);
    return constant != nullptr ? constant->distribution : std::get<StagedRate>(arrival.model).distribution;
}

std::string describe(Distribution distribution)
{
    return distribution == Distribution::poisson ? ", poisson" : ", constant gaps";
}

struct Describe {
    const plan::Population& population;

    std::string operator()(const ClosedArrival& closed) const
    {
        return fmt::format("closed model, {} user{}{}{}", closed.users, closed.users == 1 ? "" : "s",
                           closed.ramp > Duration::zero() ? " over " + format_duration(closed.ramp) : "",
                           closed.spike
                               ? fmt::format(", {} at {} for {}", closed.spike->users,
                                             format_duration(closed.spike->at), format_duration(closed.spike->length))
                               : "");
    }
    std::string operator()(const RateArrival& open) const
    {
        return fmt::format(
            "open model, {}{}{}, at most {} in flight", format_rate(open.rate), describe(open.distribution),
            open.spike ? fmt::format(", {} at {} for {}", format_rate(open.spike->rate),
                                     format_duration(open.spike->at), format_duration(open.spike->length))
                       : "",
            population.arrival.max_in_flight);
    }
    std::string operator()(const scenario::ReplayArrival& replay) const
    {
        return fmt::format("open model, {} arrivals of {} over {}, at most {} in flight", population.recording->size(),
                           replay.file, format_duration(population.recording->back()),
                           population.arrival.max_in_flight);
    }
    std::string operator()(const StagedUsers& staged) const
    {
        std::string text = "closed model, stages to";
        for (const auto& stage : staged.stages) {
            text += fmt::format(" {} in {},", stage.users, format_duration(stage.length));
        }
        text.back() = ' ';
        return text + "users";
    }
    std::string operator()(const StagedRate& staged) const
    {
        std::string text = "open model, stages to";
        for (const auto& stage : staged.stages) {
            text += fmt::format(" {} in {},", format_rate(stage.rate), format_duration(stage.length));
        }
        text.pop_back();
        return text + describe(staged.distribution);
    }
};

} // namespace

arrivals::ClosedPopulation closed_population(const scenario::Arrival& arrival, Duration length, double scale)
{
    return arrivals::ClosedPopulation(user_stages(arrival, length), scale);
}

arrivals::Pacer open_pacer(const plan::Population& population, const LoadOrder& order, std::uint64_t seed)
{
    if (population.recording) {
        return arrivals::Pacer(arrivals::Replay(population.recording, order.length, order.scale));
    }
    const auto gaps = distribution_of(population.arrival) == Distribution::poisson ? arrivals::Gaps::poisson
                                                                                   : arrivals::Gaps::constant;
    constexpr std::uint64_t phases = 16; // more than there are
    const auto random = Random(seed).stream("arrivals " + population.name,
                                            static_cast<std::uint64_t>(order.phase) + phases * order.number);
    return arrivals::Pacer(
        arrivals::OpenSchedule(rate_stages(population.arrival, order.length), order.length, gaps, random, order.scale));
}

double planned_arrivals(const plan::Population& population, Duration length)
{
    if (population.recording) {
        return static_cast<double>(
            std::ranges::count_if(*population.recording, [length](Duration offset) { return offset < length; }));
    }
    double arrivals = 0;
    Duration begin{};
    for (const auto& stage : rate_stages(population.arrival, length)) {
        const auto lasts = std::clamp(length - begin, Duration::zero(), stage.length);
        const double part = stage.length > Duration::zero() ? to_seconds(lasts) / to_seconds(stage.length) : 0;
        const double from = stage.from.per_second();
        const double until = from + part * (stage.to.per_second() - from);
        arrivals += (from + until) / 2 * to_seconds(lasts);
        begin += stage.length;
    }
    return arrivals;
}

std::string describe_arrival(const plan::Population& population)
{
    return std::visit(Describe{population}, population.arrival.model);
}

} // namespace squall::engine
