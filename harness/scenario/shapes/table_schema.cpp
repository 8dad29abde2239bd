// The JSON Schema of a table.
#include "scenario/shapes/table.hpp"

namespace squall::scenario {
namespace {

boost::json::object describe_field(const Field& field, SchemaUse use)
{
    auto described = field.shape->schema(use);
    described["description"] = field.doc;
    if (field.fallback && *field.fallback != boost::json::value("")) {
        described["default"] = *field.fallback;
    }
    return described;
}

/// A key that several alternatives have may mean several things.
void add_property(boost::json::object& properties, const Field& field, SchemaUse use)
{
    auto described = describe_field(field, use);
    const auto* before = properties.if_contains(field.key);
    if (before == nullptr) {
        properties[field.key] = std::move(described);
    } else if (*before != boost::json::value(described)) {
        boost::json::object either{{"anyOf", boost::json::array{*before, std::move(described)}}};
        properties[field.key] = std::move(either);
    }
}

boost::json::array required_keys(const FieldGroup& group)
{
    boost::json::array keys;
    for (const auto& field : group.fields) {
        if (field.required) {
            keys.emplace_back(field.key);
        }
    }
    return keys;
}

void add_exclusions(boost::json::array& rules, const FieldGroup& group)
{
    for (const auto& set : group.exclusive) {
        for (std::size_t a = 0; a < set.size(); ++a) {
            for (std::size_t b = a + 1; b < set.size(); ++b) {
                boost::json::object both{{"required", boost::json::array{set[a], set[b]}}};
                rules.push_back(boost::json::object{{"not", std::move(both)}});
            }
        }
    }
}

} // namespace

boost::json::object TableCore::schema(SchemaUse use) const
{
    boost::json::object properties;
    boost::json::array rules;
    boost::json::array choices;
    for (const auto& field : common_.fields) {
        add_property(properties, field, use);
    }
    add_exclusions(rules, common_);
    for (const auto& alternative : alternatives_) {
        boost::json::object foreign;
        for (const auto& other : alternatives_) {
            for (const auto& field : other.fields) {
                if (alternative.find(field.key) == nullptr) {
                    foreign[field.key] = false;
                }
            }
        }
        auto needed = required_keys(alternative);
        choices.push_back(boost::json::object{{"required", std::move(needed)}, {"properties", std::move(foreign)}});
        add_exclusions(rules, alternative);
        for (const auto& field : alternative.fields) {
            add_property(properties, field, use);
        }
    }
    boost::json::object described{{"type", "object"}, {"additionalProperties", false}};
    described["properties"] = std::move(properties);
    if (use == SchemaUse::whole) {
        if (auto needed = required_keys(common_); !needed.empty()) {
            described["required"] = std::move(needed);
        }
        if (!choices.empty()) {
            described["oneOf"] = std::move(choices);
        }
    }
    if (!rules.empty()) {
        described["allOf"] = std::move(rules);
    }
    return described;
}

} // namespace squall::scenario
