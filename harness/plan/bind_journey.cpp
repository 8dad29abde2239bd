#include "plan/bind_journey.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace squall::plan {
namespace {

using scenario::Reaction;

/// Emits instructions; forward jumps are patched when their target is known.
class JourneyWriter {
public:
    explicit JourneyWriter(const StepBinding& binding) : binding_(binding) {}

    Journey write(const std::vector<scenario::Step>& steps)
    {
        block(steps);
        const auto end = here();
        for (const auto at : ends_) {
            std::get<Jump>(journey_[at]).target = end;
        }
        return std::move(journey_);
    }

private:
    void block(const std::vector<scenario::Step>& steps)
    {
        for (const auto& step : steps) {
            std::visit([&](const auto& kind) { emit(kind, step); }, step.action);
        }
    }

    void emit(const scenario::GroupStep& group, const scenario::Step& /*step*/) { block(group.steps); }

    void emit(const scenario::RepeatStep& repeat, const scenario::Step& step)
    {
        if (depth_ == most_counters) {
            binding_.binder.report(step.place, fmt::format("repeat stands inside {} others; expected at most {}",
                                                           depth_, most_counters - 1));
            block(repeat.steps);
            return;
        }
        const auto counter = depth_++;
        push(SetCounter{counter, bind(repeat.times)});
        check_times(repeat.times);
        const auto top = push(CountDown{counter});
        std::optional<Position> unless;
        if (repeat.condition) {
            unless = push(JumpUnless{bind(*repeat.condition)});
        }
        block(repeat.steps);
        if (!does_something(top)) {
            binding_.binder.report(step.place, "nothing in this repeat sends or waits; expected a step that does");
        }
        push(Jump{top});
        std::get<CountDown>(journey_[top]).target = here();
        if (unless) {
            std::get<JumpUnless>(journey_[*unless]).target = here();
        }
        --depth_;
    }

    void emit(const scenario::IfStep& branch, const scenario::Step& /*step*/)
    {
        const auto unless = push(JumpUnless{bind(branch.condition)});
        block(branch.steps);
        const auto over = push(Jump{});
        std::get<JumpUnless>(journey_[unless]).target = here();
        block(branch.otherwise);
        std::get<Jump>(journey_[over]).target = here();
    }

    void emit(const scenario::ChooseStep& choose, const scenario::Step& /*step*/)
    {
        const auto at = push(Choose{});
        Choose choice;
        std::vector<Position> overs;
        for (const auto& way : choose.ways) {
            choice.weights.push_back(way.weight);
            choice.targets.push_back(here());
            block(way.steps);
            overs.push_back(push(Jump{}));
        }
        for (const auto over : overs) {
            std::get<Jump>(journey_[over]).target = here();
        }
        journey_[at] = std::move(choice);
    }

    void emit(const scenario::PauseStep& pause, const scenario::Step& /*step*/) { push(Wait{pause.length}); }

    void emit(const scenario::EndStep& /*end*/, const scenario::Step& /*step*/) { ends_.push_back(push(Jump{})); }

    void emit(const auto& /*action*/, const scenario::Step& step)
    {
        const auto index = binding_.add(step);
        const auto at = push(Perform{index, std::nullopt, std::nullopt});
        // What follows a failure stands behind a jump that success takes.
        const bool has_block = needs_block(step.on_error) || (step.on_timeout && needs_block(*step.on_timeout));
        const auto over = has_block ? std::optional(push(Jump{})) : std::nullopt;
        std::vector<Position> overs;
        auto on_error = follow(step.on_error, step, index, overs);
        auto on_timeout = step.on_timeout ? follow(*step.on_timeout, step, index, overs) : on_error;
        const auto next = here();
        auto& perform = std::get<Perform>(journey_[at]);
        perform.on_error = step.on_error.kind == Reaction::Kind::go_on ? std::optional(next) : on_error;
        perform.on_timeout = !step.on_timeout                                 ? perform.on_error
                             : step.on_timeout->kind == Reaction::Kind::go_on ? std::optional(next)
                                                                              : on_timeout;
        if (over) {
            std::get<Jump>(journey_[*over]).target = next;
        }
        for (const auto jump : overs) {
            std::get<Jump>(journey_[jump]).target = next;
        }
    }

    static bool needs_block(const Reaction& reaction)
    {
        return reaction.kind == Reaction::Kind::poll || reaction.kind == Reaction::Kind::steps;
    }

    /// Where the reaction's own instructions begin; nothing where it has none.
    std::optional<Position> follow(const Reaction& reaction, const scenario::Step& step, std::uint32_t index,
                                   std::vector<Position>& overs)
    {
        if (!needs_block(reaction)) {
            return std::nullopt;
        }
        const auto begin = here();
        if (reaction.poll) {
            scenario::Step asking;
            asking.place = step.place;
            asking.name = step.name + "/poll";
            asking.action = reaction.poll->request;
            asking.timeout = reaction.poll->length;
            asking.expect = reaction.poll->expect;
            push(PollUntil{binding_.add(asking), index, reaction.poll->every, reaction.poll->length});
        } else {
            block(reaction.steps);
        }
        overs.push_back(push(Jump{}));
        return begin;
    }

    [[nodiscard]] bool does_something(Position since) const
    {
        return std::any_of(journey_.begin() + since, journey_.end(), [](const Instruction& instruction) {
            return std::holds_alternative<Perform>(instruction) || std::holds_alternative<Wait>(instruction);
        });
    }

    BoundText bind(const scenario::Template& text) { return binding_.binder.bind(text, binding_.scope); }

    Condition bind(const scenario::Condition& condition)
    {
        Condition bound{bind(condition.left), condition.comparison, bind(condition.right), std::nullopt};
        if (condition.comparison == scenario::Condition::Comparison::matches) {
            bound.pattern = binding_.binder.compile(condition.right.source, condition.right.place, "matches");
        }
        return bound;
    }

    void check_times(const scenario::Template& times)
    {
        const auto& text = times.source;
        const bool number = !text.empty() && text.size() <= 9 &&
                            std::ranges::all_of(text, [](char letter) { return letter >= '0' && letter <= '9'; });
        if (times.is_constant() && !number) {
            binding_.binder.report(times.place,
                                   fmt::format("\"{}\" is not a number of rounds; expected an integer from "
                                               "0 to 999999999, or ${{name}}",
                                               text));
        }
    }

    template <typename T>
    Position push(T instruction)
    {
        journey_.push_back(std::move(instruction));
        return here() - 1;
    }

    [[nodiscard]] Position here() const { return static_cast<Position>(journey_.size()); }

    const StepBinding& binding_;
    Journey journey_;
    std::vector<Position> ends_;
    std::uint32_t depth_ = 0;
};

} // namespace

Journey bind_journey(const std::vector<scenario::Step>& steps, const StepBinding& binding)
{
    return JourneyWriter(binding).write(steps);
}

Journey straight_journey(std::size_t steps)
{
    Journey journey;
    for (std::size_t step = 0; step < steps; ++step) {
        journey.emplace_back(Perform{static_cast<std::uint32_t>(step), std::nullopt, std::nullopt});
    }
    return journey;
}

} // namespace squall::plan
