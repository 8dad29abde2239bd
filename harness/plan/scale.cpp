#include "plan/scale.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cmath>

namespace squall::plan {
namespace {

using namespace scenario;

int scaled_users(int users, double factor)
{
    return static_cast<int>(std::ceil(users * factor - 1e-9));
}

Rate scaled_rate(Rate rate, double factor)
{
    return Rate::per_second(rate.per_second() * factor);
}

struct Scale {
    double factor;

    void operator()(ClosedArrival& closed) const
    {
        closed.users = scaled_users(closed.users, factor);
        if (closed.spike) {
            closed.spike->users = scaled_users(closed.spike->users, factor);
        }
    }
    void operator()(RateArrival& open) const
    {
        open.rate = scaled_rate(open.rate, factor);
        if (open.spike) {
            open.spike->rate = scaled_rate(open.spike->rate, factor);
        }
    }
    void operator()(StagedUsers& staged) const
    {
        for (auto& stage : staged.stages) {
            stage.users = scaled_users(stage.users, factor);
        }
    }
    void operator()(StagedRate& staged) const
    {
        for (auto& stage : staged.stages) {
            stage.rate = scaled_rate(stage.rate, factor);
        }
    }
    void operator()(const ReplayArrival&) const {}
};

/// The highest rate per second, or number of users, that a model comes to.
struct Highest {
    const Population& population;

    double operator()(const ClosedArrival& closed) const
    {
        return std::max(closed.users, closed.spike ? closed.spike->users : 0);
    }
    double operator()(const RateArrival& open) const
    {
        return std::max(open.rate.per_second(), open.spike ? open.spike->rate.per_second() : 0);
    }
    double operator()(const StagedUsers& staged) const
    {
        int users = 0;
        for (const auto& stage : staged.stages) {
            users = std::max(users, stage.users);
        }
        return users;
    }
    double operator()(const StagedRate& staged) const
    {
        double rate = 0;
        for (const auto& stage : staged.stages) {
            rate = std::max(rate, stage.rate.per_second());
        }
        return rate;
    }
    /// A recording has no rate of its own: the mean over its length.
    double operator()(const ReplayArrival&) const
    {
        const auto& recording = *population.recording;
        const double seconds = to_seconds(recording.back());
        return seconds > 0 ? static_cast<double>(recording.size()) / seconds : 0;
    }
};

} // namespace

double highest_load(const Population& population)
{
    return std::visit(Highest{population}, population.arrival.model);
}

LoadLevel load_level(const Plan& plan)
{
    double rate = 0;
    double users = 0;
    for (const auto& population : plan.populations) {
        (population.arrival.is_open() ? rate : users) += highest_load(population);
    }
    return {Rate::per_second(rate), static_cast<int>(users)};
}

Plan scaled(const Plan& plan, double factor)
{
    SQUALL_ASSERT(factor > 0);
    Plan result = plan;
    for (auto& population : result.populations) {
        std::visit(Scale{factor}, population.arrival.model);
        if (population.recording) {
            auto faster = *population.recording;
            for (auto& offset : faster) {
                offset = Duration(std::llround(static_cast<double>(offset.count()) / factor));
            }
            population.recording = std::make_shared<const std::vector<Duration>>(std::move(faster));
        }
    }
    return result;
}

} // namespace squall::plan
