// [[user.step]]: the keys that all steps have. Each kind of step is a file of its own and one line here.
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

std::string step_name(const Node& step)
{
    auto name = name_key(step);
    if (!name.empty()) {
        return name;
    }
    const auto* table = step.as<NodeTable>();
    const auto* http = table != nullptr ? table->find("http") : nullptr;
    const auto* line = http != nullptr ? http->value.as<std::string>() : nullptr;
    return line != nullptr ? default_http_name(*line) : "";
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
    shape->choose_one("action", {http_step()});
    return named_list_of(Naming{"step", "user.step", false, step_name}, ShapePtr<Step>(shape));
}

} // namespace squall::scenario
