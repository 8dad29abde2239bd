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

std::vector<arrivals::RateStage> rate_stages(const scenario::Arrival& arrival, Duration length)
{
    if (const auto* constant = std::get_if<RateArrival>(&arrival.model)) {
        return {{length, constant->rate, constant->rate}};
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
    const scenario::Arrival& arrival;

    std::string operator()(const ClosedArrival& closed) const
    {
        return fmt::format("closed model, {} user{}{}", closed.users, closed.users == 1 ? "" : "s",
                           closed.ramp > Duration::zero() ? " over " + format_duration(closed.ramp) : "");
    }
    std::string operator()(const RateArrival& open) const
    {
        return fmt::format("open model, {}{}, at most {} in flight", format_rate(open.rate),
                           describe(open.distribution), arrival.max_in_flight);
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
    if (const auto* fixed = std::get_if<ClosedArrival>(&arrival.model)) {
        return arrivals::ClosedPopulation::fixed(fixed->users, std::min(fixed->ramp, length / 2), scale);
    }
    std::vector<arrivals::UserStage> stages;
    for (const auto& stage : std::get<StagedUsers>(arrival.model).stages) {
        stages.push_back({stage.length, stage.users});
    }
    return arrivals::ClosedPopulation(std::move(stages), scale);
}

arrivals::OpenSchedule open_schedule(const plan::Population& population, const LoadOrder& order, std::uint64_t seed)
{
    const auto gaps = distribution_of(population.arrival) == Distribution::poisson ? arrivals::Gaps::poisson
                                                                                   : arrivals::Gaps::constant;
    const auto random = Random(seed).stream("arrivals " + population.name, static_cast<std::uint64_t>(order.phase));
    return arrivals::OpenSchedule(rate_stages(population.arrival, order.length), order.length, gaps, random,
                                  order.scale);
}

std::string describe_arrival(const scenario::Arrival& arrival)
{
    return std::visit(Describe{arrival}, arrival.model);
}

} // namespace squall::engine
