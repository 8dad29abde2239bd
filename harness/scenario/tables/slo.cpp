// [slo]: what the run must meet. The expressions have a grammar of their own, which the plan of a run checks.
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

// A check looked at in the first second would end runs over one slow request.
constexpr Duration default_after = std::chrono::seconds(10);

struct SloDraft {
    std::vector<Check> checks;
};

struct CheckDraft {
    Check check;
    bool abort = false;
    Duration after = default_after;
};

ShapePtr<Check> expression_shape()
{
    StringRules<Check> rules;
    rules.expected = "a check such as \"response_time.p99 < 500ms\"";
    rules.schema = {{"minLength", 1}};
    rules.parse = [](const std::string& text, const Cursor& cursor) -> Result<Check> {
        if (text.empty()) {
            return fail("the string is empty; expected a check such as \"response_time.p99 < 500ms\"");
        }
        return Check{cursor.place(), text, std::nullopt};
    };
    return string_shape(std::move(rules));
}

ShapePtr<Check> table_shape()
{
    Fields<CheckDraft> fields;
    fields.required("check", "The expression.", &CheckDraft::check, expression_shape());
    fields.optional("abort", "The load ends as soon as the check is missed.", &CheckDraft::abort, boolean());
    fields.optional("after", "With abort: how far into the load the check is looked at first.", &CheckDraft::after,
                    duration());
    fields.finally([](const Cursor& cursor, CheckDraft& draft) {
        const bool foreign = cursor.has("after") && !draft.abort;
        if (foreign) {
            cursor.at("after").report_at_key(
                "says from when on a missed check ends the load; expected abort = true with it");
        }
        return !foreign;
    });
    return converted<Check>(ShapePtr<CheckDraft>(table<CheckDraft>(
                                "a table such as { check = \"error_rate < 5%\", abort = true }", fields)),
                            [](const Cursor&, CheckDraft written) {
                                written.check.abort_after = written.abort ? std::optional(written.after) : std::nullopt;
                                return std::optional(std::move(written.check));
                            });
}

/// "error_rate < 5%", or { check = "error_rate < 5%", abort = true, after = "10s" }.
class CheckShape final : public ShapeOf<Check> {
public:
    [[nodiscard]] std::string expected() const override { return expression_->expected(); }

    [[nodiscard]] boost::json::object schema(SchemaUse use) const override
    {
        return {{"anyOf", boost::json::array{expression_->schema(use), table_->schema(use)}}};
    }

    bool read(const Cursor& cursor, Check& into) const override
    {
        return cursor.node().as<NodeTable>() != nullptr ? table_->read(cursor, into) : expression_->read(cursor, into);
    }

private:
    ShapePtr<Check> expression_ = expression_shape();
    ShapePtr<Check> table_ = table_shape();
};

} // namespace

ShapePtr<std::vector<Check>> slo_shape()
{
    Fields<SloDraft> fields;
    fields.required("checks", "Expressions that must hold: a metric, a comparison and a limit.", &SloDraft::checks,
                    list_of(ShapePtr<Check>(std::make_shared<CheckShape>())));
    return converted<std::vector<Check>>(
        ShapePtr<SloDraft>(table<SloDraft>("a table with checks", fields)),
        [](const Cursor&, SloDraft written) { return std::optional(std::move(written.checks)); });
}

} // namespace squall::scenario
