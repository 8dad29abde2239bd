// [slo]: what the run must meet. The expressions have a grammar of their own, which the plan of a run checks.
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

struct SloDraft {
    std::vector<Check> checks;
};

ShapePtr<Check> check_shape()
{
    StringRules<Check> rules;
    rules.expected = "a check such as \"response_time.p99 < 500ms\"";
    rules.schema = {{"minLength", 1}};
    rules.parse = [](const std::string& text, const Cursor& cursor) -> Result<Check> {
        if (text.empty()) {
            return fail("the string is empty; expected a check such as \"response_time.p99 < 500ms\"");
        }
        return Check{cursor.place(), text};
    };
    return string_shape(std::move(rules));
}

} // namespace

ShapePtr<std::vector<Check>> slo_shape()
{
    Fields<SloDraft> fields;
    fields.required("checks", "Expressions that must hold: a metric, a comparison and a limit.", &SloDraft::checks,
                    list_of(check_shape()));
    return converted<std::vector<Check>>(
        ShapePtr<SloDraft>(table<SloDraft>("a table with checks", fields)),
        [](const Cursor&, SloDraft written) { return std::optional(std::move(written.checks)); });
}

} // namespace squall::scenario
