// [[user.step]]: the keys that all steps have. Each kind of step is a file of its own and one line here.
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

const std::vector<StepKind>& kinds()
{
    static const std::vector<StepKind> all{http_step()};
    return all;
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
        if (const auto* text = entry != nullptr ? entry->value.as<std::string>() : nullptr) {
            return kind.default_name(*text);
        }
    }
    return "";
}

} // namespace

ShapePtr<std::vector<Step>> steps_shape()
{
    Fields<Step> common;
    common.optional("name", "What results and --set call this step; without it \"METHOD /path\".", &Step::name,
                    text_of("a name"));
    common.optional("timeout", "The step fails when it takes longer.", &Step::timeout, positive_duration());
    common.finally([](const Cursor& cursor, Step& step) {
        if (step.name.empty()) {
            step.name = step_name(cursor.node());
        }
        return true;
    });
    auto shape = table<Step>("a table such as { http = \"GET ${api}/\" }", common);
    std::vector<Fields<Step>> actions;
    for (const auto& kind : kinds()) {
        actions.push_back(kind.fields);
    }
    shape->choose_one("action", actions);
    return named_list_of(Naming{"step", "user.step", false, step_name}, ShapePtr<Step>(shape));
}

} // namespace squall::scenario
