// [[user.step]]: the keys that all steps have. Each kind of step is a file of its own and one line here.
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

const std::vector<StepKind>& kinds()
{
    static const std::vector<StepKind> all{http_step(),  websocket_step(), postgres_step(), listen_step(),
                                           redis_step(), subscribe_step(), rpc_step(),      stop_server_step(),
                                           group_step(), repeat_step(),    if_step(),       choose_step(),
                                           pause_step(), end_step()};
    return all;
}

/// The text, or the first one of a list of texts or of lists; null where there is none.
const std::string* first_text(const Node& node)
{
    const auto* list = node.as<NodeList>();
    if (list != nullptr && !list->items.empty()) {
        return first_text(list->items.front());
    }
    return node.as<std::string>();
}

std::string step_name(const Node& step)
{
    auto name = name_key(step);
    const auto* table = step.as<NodeTable>();
    if (!name.empty() || table == nullptr) {
        return name;
    }
    for (const auto& kind : kinds()) {
        const auto* entry = table->find(kind.key);
        if (const auto* text = entry != nullptr ? first_text(entry->value) : nullptr) {
            return kind.default_name(*text);
        }
    }
    return "";
}

/// Keys that only a step that sends something can have. False when there is one.
bool report_sending_keys(const Cursor& cursor)
{
    bool ok = true;
    for (const auto* key : {"timeout", "on_error", "on_timeout"}) {
        if (cursor.has(key)) {
            cursor.at(key).report_at_key(
                fmt::format("{} belongs to a step that sends something; expected it on the steps inside", key));
            ok = false;
        }
    }
    return ok;
}

constexpr std::string_view definition = "steps";
constexpr std::string_view overlay_definition = "steps_of_a_profile";

ShapePtr<std::vector<Step>> whole_steps_shape()
{
    Fields<Step> common;
    common.optional("name", "What results and --set call this step; without it \"METHOD /path\".", &Step::name,
                    text_of("a name"));
    common.optional("timeout", "The step fails when it takes longer.", &Step::timeout, positive_duration());
    common.optional("on_error", "What follows when the step fails; without it the iteration ends.", &Step::on_error,
                    reaction_shape());
    common.optional("on_timeout", "The same for a timeout; without it that of on_error.", &Step::on_timeout,
                    reaction_shape());
    common.finally([](const Cursor& cursor, Step& step) {
        if (step.name.empty()) {
            step.name = step_name(cursor.node());
        }
        return sends(step) || report_sending_keys(cursor);
    });
    auto shape = table<Step>("a table such as { http = \"GET ${api}/\" }", common);
    std::vector<Fields<Step>> actions;
    for (const auto& kind : kinds()) {
        actions.push_back(kind.fields);
    }
    shape->choose_one("action", actions);
    return named_list_of(Naming{"step", "user.step", false, step_name}, ShapePtr<Step>(shape));
}

/// Refers to the definition, and makes the shape when it is first read by: a shape of steps holds one of steps.
class NestedSteps final : public ShapeOf<std::vector<Step>> {
public:
    [[nodiscard]] std::string expected() const override { return "an array of tables such as [[user.step]]"; }
    [[nodiscard]] boost::json::object schema(SchemaUse use) const override
    {
        return {{"$ref", fmt::format("#/$defs/{}", use == SchemaUse::whole ? definition : overlay_definition)}};
    }
    void merge(Node& base, const Cursor& overlay) const override { whole().merge(base, overlay); }
    bool read(const Cursor& cursor, std::vector<Step>& into) const override { return whole().read(cursor, into); }

private:
    static const ShapeOf<std::vector<Step>>& whole()
    {
        static const auto shape = whole_steps_shape();
        return *shape;
    }
};

} // namespace

ShapePtr<std::vector<Step>> nested_steps_shape()
{
    return std::make_shared<NestedSteps>();
}

ShapePtr<std::vector<Step>> steps_shape()
{
    return nested_steps_shape();
}

boost::json::object nested_steps_definitions()
{
    const auto shape = whole_steps_shape();
    return {{definition, shape->schema(SchemaUse::whole)}, {overlay_definition, shape->schema(SchemaUse::overlay)}};
}

} // namespace squall::scenario
