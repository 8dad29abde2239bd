#include "scenario/scenario.hpp"

#include <algorithm>

namespace squall::scenario {
namespace {

void collect(const std::vector<Step>& steps, std::vector<const Step*>& sending);

/// The blocks inside a step, in the order of the file.
struct Inside {
    std::vector<const Step*>& sending;

    bool operator()(const GroupStep& group) const { return of(group.steps); }
    bool operator()(const RepeatStep& repeat) const { return of(repeat.steps); }
    bool operator()(const IfStep& branch) const { return of(branch.steps) && of(branch.otherwise); }
    bool operator()(const ChooseStep& choose) const
    {
        return std::ranges::all_of(choose.ways, [this](const auto& way) { return of(way.steps); });
    }
    bool operator()(const PauseStep& /*pause*/) const { return true; }
    bool operator()(const EndStep& /*end*/) const { return true; }
    bool operator()(const auto& /*action*/) const { return false; }

    [[nodiscard]] bool of(const std::vector<Step>& steps) const
    {
        collect(steps, sending);
        return true;
    }
};

void collect(const std::vector<Step>& steps, std::vector<const Step*>& sending)
{
    for (const auto& step : steps) {
        if (!std::visit(Inside{sending}, step.action)) {
            sending.push_back(&step);
            collect(step.on_error.steps, sending);
            if (step.on_timeout) {
                collect(step.on_timeout->steps, sending);
            }
        }
    }
}

} // namespace

bool sends(const Step& step)
{
    std::vector<const Step*> unused;
    return !std::visit(Inside{unused}, step.action);
}

std::vector<const Step*> sending_steps(const std::vector<Step>& steps)
{
    std::vector<const Step*> sending;
    collect(steps, sending);
    return sending;
}

} // namespace squall::scenario
