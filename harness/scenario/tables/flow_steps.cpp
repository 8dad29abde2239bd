// Steps that order other steps: group, repeat, if, choose, pause, end.
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

constexpr int heaviest = 1'000'000;

/// The alternative that the kind's start has chosen.
template <typename Flow>
Flow& flow_of(Step& step)
{
    return std::get<Flow>(step.action);
}

template <typename Flow>
Fields<Step> fields_of()
{
    return Fields<Step>([](Step& step) { step.action = Flow{}; });
}

template <typename Flow>
std::vector<Step>& steps_of(Step& step)
{
    return flow_of<Flow>(step).steps;
}

std::string as_it_is(std::string_view text)
{
    return std::string(text);
}

ShapePtr<std::vector<ChooseStep::Way>> ways_shape()
{
    using Way = ChooseStep::Way;
    Fields<Way> fields;
    fields.optional("name", "What --set calls this way.", &Way::name, text_of("a name"));
    fields.optional("weight", "How often it is chosen, against the others' weights.", &Way::weight,
                    integer(1, heaviest));
    fields.required("step", "What is done then.", &Way::steps, nested_steps_shape());
    return named_list_of(Naming{"way", "user.step.choose", true, name_key},
                         ShapePtr<Way>(table<Way>("a table with weight and steps", fields)));
}

} // namespace

StepKind group_step()
{
    auto fields = fields_of<GroupStep>();
    fields.required("group", "A name for the steps inside.", &Step::name, text_of("a name"));
    fields.required("step", "The steps inside.", steps_of<GroupStep>, nested_steps_shape());
    return {"group", fields, as_it_is};
}

StepKind repeat_step()
{
    auto fields = fields_of<RepeatStep>();
    fields.required(
        "repeat", "How often the steps inside are done, at most.",
        [](Step& step) -> Template& { return flow_of<RepeatStep>(step).times; }, template_scalar());
    fields.optional(
        "while", "A condition that is looked at before each round.",
        [](Step & step) -> auto& { return flow_of<RepeatStep>(step).condition; }, condition_shape());
    fields.required("step", "The steps inside.", steps_of<RepeatStep>, nested_steps_shape());
    return {"repeat", fields, [](std::string_view) { return std::string("repeat"); }};
}

StepKind if_step()
{
    auto fields = fields_of<IfStep>();
    fields.required(
        "if", "A condition on the user's values: \"${status} == done\".",
        [](Step& step) -> Condition& { return flow_of<IfStep>(step).condition; }, condition_shape());
    fields.required("step", "What is done when it holds.", steps_of<IfStep>, nested_steps_shape());
    fields.optional(
        "else", "What is done when it does not.", [](Step & step) -> auto& { return flow_of<IfStep>(step).otherwise; },
        nested_steps_shape());
    return {"if", fields, as_it_is};
}

StepKind choose_step()
{
    auto fields = fields_of<ChooseStep>();
    fields.required(
        "choose", "Ways of which one is taken at random, by their weights.",
        [](Step & step) -> auto& { return flow_of<ChooseStep>(step).ways; }, ways_shape());
    return {"choose", fields, as_it_is};
}

StepKind pause_step()
{
    auto fields = fields_of<PauseStep>();
    fields.required(
        "pause", "How long the user waits: \"2s\", or drawn from \"1s..3s\".",
        [](Step& step) -> DurationRange& { return flow_of<PauseStep>(step).length; }, duration_range());
    return {"pause", fields, as_it_is};
}

StepKind end_step()
{
    auto fields = fields_of<EndStep>();
    fields.required(
        "end", "\"iteration\": what follows is left out.",
        [](Step& step) -> EndStep& { return flow_of<EndStep>(step); },
        converted<EndStep>(one_of<std::string>({{"iteration", "iteration"}}),
                           [](const Cursor&, const std::string&) { return std::optional(EndStep{}); }));
    return {"end", fields, as_it_is};
}

} // namespace squall::scenario
