#include "scenario/profiles.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace squall::scenario {
namespace {

constexpr std::string_view profile_key = "profile";
constexpr std::string_view extends_key = "extends";

bool stands_at(const Mark& mark, const Place& place)
{
    return mark.file == place.file && mark.line == place.line && mark.column == place.column;
}

bool contains_place(const Node& node, const Place& place)
{
    if (stands_at(node.mark, place)) {
        return true;
    }
    if (const auto* table = node.as<NodeTable>()) {
        return std::any_of(table->entries.begin(), table->entries.end(), [&](const NodeEntry& entry) {
            return stands_at(entry.mark, place) || contains_place(entry.value, place);
        });
    }
    if (const auto* list = node.as<NodeList>()) {
        return std::any_of(list->items.begin(), list->items.end(),
                           [&](const Node& item) { return contains_place(item, place); });
    }
    return false;
}

} // namespace

Profiles::Profiles(const Node& root, Reading& reading) : root_(root)
{
    const Cursor top(root, reading);
    if (!top.has(profile_key)) {
        return;
    }
    const auto all = top.at(profile_key);
    profiles_ = all.node().as<NodeTable>();
    if (profiles_ == nullptr) {
        all.report_type("tables such as [profile.before]");
        return;
    }
    for (const auto& profile : profiles_->entries) {
        names_.push_back(profile.key);
    }
    for (const auto& profile : profiles_->entries) {
        check(profile, all.child(profile));
    }
}

void Profiles::check(const NodeEntry& profile, const Cursor& at) const
{
    if (at.node().as<NodeTable>() == nullptr) {
        at.report_type(fmt::format("a table such as [profile.{}]", profile.key));
        return;
    }
    if (at.has(profile_key)) {
        at.at(profile_key).report_at_key("a profile cannot hold profiles; expected extends = \"NAME\"");
    }
    const auto* base = extends(profile);
    if (base == nullptr) {
        return;
    }
    const auto extending = at.child(*base);
    const auto* name = base->value.as<std::string>();
    if (name == nullptr) {
        extending.report_type("the name of another profile");
    } else if (find(*name) == nullptr) {
        extending.report(fmt::format("no profile has the name \"{}\"{}", *name, suggestion(*name, names_)));
    } else {
        bool circle = false;
        const auto way = walk(profile.key, circle);
        // Every profile of the circle sees it: the first of the file tells.
        const auto is_in_circle = [&](const std::string& other) {
            return std::find(way.begin(), way.end(), other) != way.end();
        };
        const bool closes_here = circle && way.back() == profile.key;
        if (closes_here && *std::find_if(names_.begin(), names_.end(), is_in_circle) == profile.key) {
            extending.report(fmt::format("the profiles extend each other in a circle ({}); expected an end to it",
                                         join(way, " → ")));
        }
    }
}

const NodeEntry* Profiles::find(std::string_view name) const
{
    const auto* profile = profiles_ != nullptr ? profiles_->find(name) : nullptr;
    return profile != nullptr && profile->value.as<NodeTable>() != nullptr ? profile : nullptr;
}

const NodeEntry* Profiles::extends(const NodeEntry& profile)
{
    return profile.value.as<NodeTable>()->find(extends_key);
}

/// From the profile to the one that extends nothing; at a circle, up to the first that comes again.
std::vector<std::string> Profiles::walk(const std::string& name, bool& circle) const
{
    std::vector<std::string> way;
    const auto* profile = find(name);
    while (profile != nullptr) {
        circle = std::find(way.begin(), way.end(), profile->key) != way.end();
        way.push_back(profile->key);
        const auto* base = circle ? nullptr : extends(*profile);
        const auto* next = base != nullptr ? base->value.as<std::string>() : nullptr;
        profile = next != nullptr ? find(*next) : nullptr;
    }
    return way;
}

std::vector<std::string> Profiles::chain(const std::string& name) const
{
    bool circle = false;
    auto way = walk(name, circle);
    if (circle) {
        return {};
    }
    std::reverse(way.begin(), way.end());
    return way;
}

Node Profiles::apply(const std::string& name, const Shape& shape, Reading& reading) const
{
    Node merged = root_;
    for (const auto& step : chain(name)) {
        Node overlay = find(step)->value;
        overlay.as<NodeTable>()->erase(extends_key);
        overlay.as<NodeTable>()->erase(profile_key);
        shape.merge(merged, Cursor(overlay, reading, fmt::format("{}.{}", profile_key, step)));
    }
    return merged;
}

bool Profiles::wrote(const std::string& name, const Place& place) const
{
    const auto steps = chain(name);
    return std::any_of(steps.begin(), steps.end(),
                       [&](const std::string& step) { return contains_place(find(step)->value, place); });
}

} // namespace squall::scenario
