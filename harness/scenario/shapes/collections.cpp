#include "scenario/shapes/collections.hpp"

namespace squall::scenario {
namespace {

const NodeEntry* name_entry(const Node& item)
{
    const auto* table = item.as<NodeTable>();
    return table != nullptr ? table->find("name") : nullptr;
}

std::vector<std::string> names_of(const Naming& naming, const NodeList& list)
{
    std::vector<std::string> names;
    for (const auto& item : list.items) {
        names.push_back(naming.name_of(item));
    }
    return names;
}

/// The one item of that name; what is wrong is reported at the overlay's key.
Node* find_named(const Naming& naming, NodeList& list, const std::string& name, const Cursor& overlay)
{
    const auto names = names_of(naming, list);
    const auto count = std::count(names.begin(), names.end(), name);
    if (count == 0) {
        auto given = names;
        std::erase(given, "");
        overlay.report_at_key(fmt::format("no {} has the name \"{}\"{}", naming.noun, name, suggestion(name, given)));
        return nullptr;
    }
    if (count > 1) {
        overlay.report_at_key(
            fmt::format("{} {}s have the name \"{}\"; expected names of their own", count, naming.noun, name));
        return nullptr;
    }
    return &list.items[static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin())];
}

} // namespace

std::string name_key(const Node& table)
{
    const auto* entry = name_entry(table);
    const auto* name = entry != nullptr ? entry->value.as<std::string>() : nullptr;
    return name != nullptr ? *name : "";
}

std::string item_label(const Naming& naming, const Node& item, std::size_t number)
{
    const auto name = naming.name_of(item);
    return name.empty() ? fmt::format("#{}", number) : name;
}

bool check_unique_names(const Naming& naming, const Cursor& list)
{
    if (!naming.unique) {
        return true;
    }
    bool ok = true;
    std::map<std::string, int> first_line;
    for (const auto& item : list.node().as<NodeList>()->items) {
        const auto name = naming.name_of(item);
        const auto* entry = name_entry(item);
        if (name.empty() || entry == nullptr) {
            continue;
        }
        const auto [before, added] = first_line.emplace(name, entry->value.mark.line);
        if (!added) {
            list.item(item, name)
                .child(*entry)
                .report(fmt::format("the {} of line {} has this name already; expected another name", naming.noun,
                                    before->second));
            ok = false;
        }
    }
    return ok;
}

void merge_named(const Naming& naming, const Shape& item, Node& base, const Cursor& overlay)
{
    auto* list = base.as<NodeList>();
    const auto* changes = overlay.node().as<NodeTable>();
    if (list == nullptr || changes == nullptr) {
        base = overlay.node();
        return;
    }
    for (const auto& entry : changes->entries) {
        const auto at = overlay.child(entry);
        if (auto* named = find_named(naming, *list, entry.key, at)) {
            item.merge(*named, overlay.item(entry.value, entry.key));
        }
    }
}

KeyRule any_key()
{
    return {"any text but the empty one", "", [](std::string_view key) { return !key.empty(); }};
}

KeyRule identifier_key()
{
    return {"letters, digits and \"_\", not starting with a digit", "^[A-Za-z_][A-Za-z0-9_]*$", is_identifier};
}

} // namespace squall::scenario
