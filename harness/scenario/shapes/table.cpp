#include "scenario/shapes/table.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace squall::scenario {
namespace {

bool contains(const std::vector<std::string>& words, std::string_view word)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool report_exclusive_keys(const Cursor& cursor, const NodeTable& table, const FieldGroup& group)
{
    bool ok = true;
    for (const auto& set : group.exclusive) {
        const NodeEntry* first = nullptr;
        for (const auto& entry : table.entries) {
            if (!contains(set, entry.key)) {
                continue;
            }
            if (first != nullptr) {
                cursor.child(entry).report_at_key(
                    fmt::format("does not go together with \"{}\"; expected one of {}", first->key, join(set, ", ")));
                ok = false;
            } else {
                first = &entry;
            }
        }
    }
    return ok;
}

bool read_fields(const Cursor& cursor, const NodeTable& table, const FieldGroup& group,
                 const std::vector<std::string>& misspelt, void* into)
{
    bool ok = true;
    for (const auto& field : group.fields) {
        if (const auto* entry = table.find(field.key)) {
            ok = field.read(cursor.child(*entry), into) && ok;
        } else if (field.required) {
            ok = false;
            if (!contains(misspelt, field.key)) {
                cursor.report(
                    fmt::format("the key \"{}\" is missing; expected {}", field.key, field.shape->expected()));
            }
        }
    }
    return ok;
}

bool finish(const Cursor& cursor, const FieldGroup& group, void* into)
{
    bool ok = true;
    for (const auto& check : group.finish) {
        ok = check(cursor, into) && ok;
    }
    return ok;
}

} // namespace

const Field* FieldGroup::find(std::string_view key) const
{
    const auto found =
        std::find_if(fields.begin(), fields.end(), [key](const Field& field) { return field.key == key; });
    return found == fields.end() ? nullptr : &*found;
}

void TableCore::choose_one(std::string noun, std::vector<FieldGroup> alternatives)
{
    noun_ = std::move(noun);
    alternatives_ = std::move(alternatives);
}

const FieldGroup* TableCore::alternative_of(std::string_view discriminant) const
{
    for (const auto& alternative : alternatives_) {
        if (alternative.fields.front().key == discriminant) {
            return &alternative;
        }
    }
    return nullptr;
}

const Field* TableCore::find(std::string_view key) const
{
    if (const auto* field = common_.find(key)) {
        return field;
    }
    for (const auto& alternative : alternatives_) {
        if (const auto* field = alternative.find(key)) {
            return field;
        }
    }
    return nullptr;
}

std::vector<std::string> TableCore::keys() const
{
    std::vector<std::string> all;
    const auto add = [&all](const FieldGroup& group) {
        for (const auto& field : group.fields) {
            if (!contains(all, field.key)) {
                all.push_back(field.key);
            }
        }
    };
    add(common_);
    std::for_each(alternatives_.begin(), alternatives_.end(), add);
    return all;
}

std::vector<std::string> TableCore::discriminants() const
{
    std::vector<std::string> all;
    for (const auto& alternative : alternatives_) {
        all.push_back(alternative.fields.front().key);
    }
    return all;
}

/// Gives the known keys that the unknown ones probably stand for.
std::vector<std::string> TableCore::report_unknown_keys(const Cursor& cursor, const NodeTable& table) const
{
    std::vector<std::string> misspelt;
    const auto known = keys();
    for (const auto& entry : table.entries) {
        if (contains(known, entry.key)) {
            continue;
        }
        cursor.child(entry).report_at_key("unknown key" + suggestion(entry.key, known));
        misspelt.push_back(closest_match(entry.key, known).value_or(""));
    }
    return misspelt;
}

const FieldGroup* TableCore::chosen_alternative(const Cursor& cursor, const NodeTable& table, bool& ok) const
{
    const FieldGroup* chosen = nullptr;
    for (const auto& entry : table.entries) {
        const auto* alternative = alternative_of(entry.key);
        if (alternative != nullptr && chosen != nullptr) {
            cursor.child(entry).report_at_key(fmt::format("a second {} beside \"{}\"; expected exactly one of {}",
                                                          noun_, chosen->fields.front().key,
                                                          join(discriminants(), ", ")));
            ok = false;
        } else if (alternative != nullptr) {
            chosen = alternative;
        }
    }
    return chosen;
}

bool TableCore::report_foreign_keys(const Cursor& cursor, const NodeTable& table, const FieldGroup& chosen) const
{
    bool ok = true;
    for (const auto& entry : table.entries) {
        const bool foreign = find(entry.key) != nullptr && common_.find(entry.key) == nullptr &&
                             chosen.find(entry.key) == nullptr && alternative_of(entry.key) == nullptr;
        if (foreign) {
            std::vector<std::string> homes;
            for (const auto& alternative : alternatives_) {
                if (alternative.find(entry.key) != nullptr) {
                    homes.push_back(alternative.fields.front().key);
                }
            }
            cursor.child(entry).report_at_key(fmt::format("does not go together with \"{}\"; expected only beside {}",
                                                          chosen.fields.front().key, join(homes, " or ")));
            ok = false;
        }
    }
    return ok;
}

bool TableCore::read(const Cursor& cursor, void* into) const
{
    const auto* table = cursor.node().as<NodeTable>();
    if (table == nullptr) {
        cursor.report_type(expected_);
        return false;
    }
    const auto misspelt = report_unknown_keys(cursor, *table);
    bool ok = misspelt.empty();
    ok = report_exclusive_keys(cursor, *table, common_) && ok;
    ok = read_fields(cursor, *table, common_, misspelt, into) && ok;
    const FieldGroup* chosen = chosen_alternative(cursor, *table, ok);
    if (chosen != nullptr) {
        if (chosen->start) {
            chosen->start(into);
        }
        ok = report_foreign_keys(cursor, *table, *chosen) && ok;
        ok = report_exclusive_keys(cursor, *table, *chosen) && ok;
        ok = read_fields(cursor, *table, *chosen, misspelt, into) && ok;
    } else if (!alternatives_.empty()) {
        if (misspelt.empty()) { // an unknown key may be what was meant
            const auto words = discriminants();
            cursor.report(fmt::format("the {} is missing; expected {}the key{} {}", noun_,
                                      words.size() > 1 ? "exactly one of " : "", words.size() > 1 ? "s" : "",
                                      join(words, ", ")));
        }
        ok = false;
    }
    return ok && finish(cursor, common_, into) && (chosen == nullptr || finish(cursor, *chosen, into));
}

/// What the overlay chooses anew drops what the base chose: another alternative with its keys, another of a set of
/// which only one may be given.
void TableCore::make_room(NodeTable& base, const NodeTable& overlay) const
{
    for (const auto& entry : overlay.entries) {
        if (const auto* chosen = alternative_of(entry.key)) {
            std::erase_if(base.entries, [&](const NodeEntry& before) {
                return find(before.key) != nullptr && common_.find(before.key) == nullptr &&
                       chosen->find(before.key) == nullptr;
            });
        }
        const auto clear_set = [&](const FieldGroup& group) {
            for (const auto& set : group.exclusive) {
                if (contains(set, entry.key)) {
                    std::erase_if(base.entries, [&](const NodeEntry& before) {
                        return before.key != entry.key && contains(set, before.key);
                    });
                }
            }
        };
        clear_set(common_);
        std::for_each(alternatives_.begin(), alternatives_.end(), clear_set);
    }
}

void TableCore::merge(Node& base, const Cursor& overlay) const
{
    auto* into = base.as<NodeTable>();
    const auto* over = overlay.node().as<NodeTable>();
    if (into != nullptr && over != nullptr) {
        make_room(*into, *over);
    }
    merge_tables(base, overlay, [this](std::string_view key) -> const Shape* {
        const auto* field = find(key);
        return field != nullptr ? field->shape.get() : nullptr;
    });
}

void merge_tables(Node& base, const Cursor& overlay, const std::function<const Shape*(std::string_view key)>& shape_of)
{
    auto* into = base.as<NodeTable>();
    const auto* over = overlay.node().as<NodeTable>();
    if (into == nullptr || over == nullptr) {
        base = overlay.node();
        return;
    }
    for (const auto& entry : over->entries) {
        auto* before = into->find(entry.key);
        if (before == nullptr) {
            into->entries.push_back(entry);
            continue;
        }
        const Shape* shape = shape_of(entry.key);
        if (shape != nullptr) {
            shape->merge(before->value, overlay.child(entry));
        } else {
            before->value = entry.value;
        }
        if (entry.value.as<NodeTable>() == nullptr) {
            before->mark = entry.mark;
        }
    }
}

} // namespace squall::scenario
