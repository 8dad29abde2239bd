// Shapes of many values: arrays, arrays of named tables, and tables whose keys the user chooses.
#pragma once

#include "scenario/shapes/scalars.hpp"
#include "scenario/shapes/table.hpp"

#include <algorithm>
#include <map>

namespace squall::scenario {

template <typename T>
class ListShape final : public ShapeOf<std::vector<T>> {
public:
    ListShape(ShapePtr<T> item, bool or_single) : item_(std::move(item)), or_single_(or_single) {}

    [[nodiscard]] std::string expected() const override
    {
        return or_single_ ? fmt::format("{}, or an array of these", item_->expected())
                          : fmt::format("an array, each {}", item_->expected());
    }

    [[nodiscard]] boost::json::object schema(SchemaUse /*use*/) const override
    {
        boost::json::object list{{"type", "array"}, {"items", item_->schema(SchemaUse::whole)}};
        if (!or_single_) {
            return list;
        }
        return {{"anyOf", boost::json::array{item_->schema(SchemaUse::whole), std::move(list)}}};
    }

    bool read(const Cursor& cursor, std::vector<T>& into) const override
    {
        into.clear();
        const auto* list = cursor.node().template as<NodeList>();
        if (list == nullptr) {
            if (or_single_) {
                return item_->read(cursor, into.emplace_back());
            }
            cursor.report_type(expected());
            return false;
        }
        bool ok = true;
        std::size_t number = 0;
        for (const auto& item : list->items) {
            ok = item_->read(cursor.item(item, fmt::format("#{}", ++number)), into.emplace_back()) && ok;
        }
        return ok;
    }

private:
    ShapePtr<T> item_;
    bool or_single_;
};

template <typename T>
ShapePtr<std::vector<T>> list_of(ShapePtr<T> item)
{
    return std::make_shared<ListShape<T>>(std::move(item), false);
}

/// `x` means `[x]`.
template <typename T>
ShapePtr<std::vector<T>> one_or_list_of(ShapePtr<T> item)
{
    return std::make_shared<ListShape<T>>(std::move(item), true);
}

/// How the tables of an array are told apart.
struct Naming {
    std::string noun;                                      // "step"
    std::string table;                                     // as its header names it: "user.step"
    bool unique = true;                                    // two of one name are a problem
    std::function<std::string(const Node& table)> name_of; // "" where it has none
};

/// The text under `name`, "" without.
[[nodiscard]] std::string name_key(const Node& table);
/// What paths call the item: its name, else its number from 1.
[[nodiscard]] std::string item_label(const Naming& naming, const Node& item, std::size_t number);
/// A second item of a name is reported; false when there is one.
bool check_unique_names(const Naming& naming, const Cursor& list);
/// Writes a table of name → changes over the items of those names; an array replaces the whole.
void merge_named(const Naming& naming, const Shape& item, Node& base, const Cursor& overlay);

/// [[user]], [[user.step]], [[probe]]: profiles and --set change an item by its name.
template <typename T>
class NamedListShape final : public ShapeOf<std::vector<T>> {
public:
    NamedListShape(Naming naming, ShapePtr<T> item) : naming_(std::move(naming)), item_(std::move(item)) {}

    [[nodiscard]] std::string expected() const override
    {
        return fmt::format("an array of tables such as [[{}]]", naming_.table);
    }

    [[nodiscard]] boost::json::object schema(SchemaUse use) const override
    {
        boost::json::object list{{"type", "array"}, {"items", item_->schema(SchemaUse::whole)}};
        if (use == SchemaUse::whole) {
            return list;
        }
        boost::json::object by_name{{"type", "object"}, {"additionalProperties", item_->schema(SchemaUse::overlay)}};
        return {{"anyOf", boost::json::array{std::move(by_name), std::move(list)}}};
    }

    void merge(Node& base, const Cursor& overlay) const override { merge_named(naming_, *item_, base, overlay); }

    bool read(const Cursor& cursor, std::vector<T>& into) const override
    {
        const auto* list = cursor.node().template as<NodeList>();
        if (list == nullptr) {
            cursor.report_type(expected());
            return false;
        }
        bool ok = check_unique_names(naming_, cursor);
        std::size_t number = 0;
        for (const auto& item : list->items) {
            const auto at = cursor.item(item, item_label(naming_, item, ++number));
            ok = item_->read(at, into.emplace_back()) && ok;
        }
        return ok;
    }

private:
    Naming naming_;
    ShapePtr<T> item_;
};

template <typename T>
ShapePtr<std::vector<T>> named_list_of(Naming naming, ShapePtr<T> item)
{
    return std::make_shared<NamedListShape<T>>(std::move(naming), std::move(item));
}

/// What the user may choose as a key.
struct KeyRule {
    std::string expected;
    std::string pattern; // for the schema
    std::function<bool(std::string_view)> accepts;
};

[[nodiscard]] KeyRule any_key();
[[nodiscard]] KeyRule identifier_key();

/// A table of name → V. `insert` puts a value into the container.
template <typename Container, typename V>
class MapShape final : public ShapeOf<Container> {
public:
    using Insert = std::function<void(Container&, const std::string& key, V value)>;

    MapShape(ShapePtr<V> value, KeyRule rule, Insert insert)
        : value_(std::move(value)),
          rule_(std::move(rule)),
          insert_(std::move(insert))
    {}

    [[nodiscard]] std::string expected() const override
    {
        return fmt::format("a table of names, each with {}", value_->expected());
    }

    [[nodiscard]] boost::json::object schema(SchemaUse use) const override
    {
        boost::json::object described{{"type", "object"}, {"additionalProperties", value_->schema(use)}};
        if (!rule_.pattern.empty()) {
            described["propertyNames"] = boost::json::object{{"pattern", rule_.pattern}};
        }
        return described;
    }

    void merge(Node& base, const Cursor& overlay) const override
    {
        merge_tables(base, overlay, [this](std::string_view) { return value_.get(); });
    }

    bool read(const Cursor& cursor, Container& into) const override
    {
        const auto* entries = cursor.node().template as<NodeTable>();
        if (entries == nullptr) {
            cursor.report_type(expected());
            return false;
        }
        bool ok = true;
        for (const auto& entry : entries->entries) {
            const auto at = cursor.child(entry);
            if (!rule_.accepts(entry.key)) {
                at.report_at_key(fmt::format("\"{}\" cannot be a key here; expected {}", entry.key, rule_.expected));
                ok = false;
            }
            V value{};
            if (value_->read(at, value)) {
                insert_(into, entry.key, std::move(value));
            } else {
                ok = false;
            }
        }
        return ok;
    }

private:
    ShapePtr<V> value_;
    KeyRule rule_;
    Insert insert_;
};

template <typename V>
ShapePtr<std::map<std::string, V>> map_of(ShapePtr<V> value, KeyRule rule = any_key())
{
    using Container = std::map<std::string, V>;
    return std::make_shared<MapShape<Container, V>>(
        std::move(value), std::move(rule),
        [](Container& into, const std::string& key, V read) { into.insert_or_assign(key, std::move(read)); });
}

/// Keeps the order of the file.
template <typename V>
ShapePtr<std::vector<std::pair<std::string, V>>> pairs_of(ShapePtr<V> value, KeyRule rule = any_key())
{
    using Container = std::vector<std::pair<std::string, V>>;
    return std::make_shared<MapShape<Container, V>>(
        std::move(value), std::move(rule),
        [](Container& into, const std::string& key, V read) { into.emplace_back(key, std::move(read)); });
}

/// A vector in the order of the file; `name` is the member that takes the key.
template <typename V>
ShapePtr<std::vector<V>> keyed(ShapePtr<V> value, std::string V::*name, KeyRule rule = any_key())
{
    using Container = std::vector<V>;
    return std::make_shared<MapShape<Container, V>>(std::move(value), std::move(rule),
                                                    [name](Container& into, const std::string& key, V read) {
                                                        read.*name = key;
                                                        into.push_back(std::move(read));
                                                    });
}

/// As `shape`, or the word "off" for nothing.
template <typename T>
class OrOffShape final : public ShapeOf<std::optional<T>> {
public:
    explicit OrOffShape(ShapePtr<T> shape) : shape_(std::move(shape)) {}

    [[nodiscard]] std::string expected() const override { return shape_->expected() + ", or \"off\""; }
    [[nodiscard]] boost::json::object schema(SchemaUse use) const override
    {
        return {{"anyOf", boost::json::array{shape_->schema(use), boost::json::object{{"const", "off"}}}}};
    }
    void merge(Node& base, const Cursor& overlay) const override
    {
        if (is_off(base) || is_off(overlay.node())) {
            base = overlay.node();
        } else {
            shape_->merge(base, overlay);
        }
    }
    bool read(const Cursor& cursor, std::optional<T>& into) const override
    {
        if (is_off(cursor.node())) {
            into.reset();
            return true;
        }
        return shape_->read(cursor, into.emplace(T{}));
    }
    [[nodiscard]] std::optional<boost::json::value> show(const std::optional<T>& value) const override
    {
        return value ? shape_->show(*value) : boost::json::value("off");
    }

private:
    static bool is_off(const Node& node)
    {
        const auto* text = node.as<std::string>();
        return text != nullptr && *text == "off";
    }

    ShapePtr<T> shape_;
};

template <typename T>
ShapePtr<std::optional<T>> or_off(ShapePtr<T> shape)
{
    return std::make_shared<OrOffShape<T>>(std::move(shape));
}

/// Reads a From and makes a To of it; the function reports at the cursor and gives nothing when it cannot.
template <typename From, typename To>
class ConvertedShape final : public ShapeOf<To> {
public:
    using Convert = std::function<std::optional<To>(const Cursor&, From)>;

    ConvertedShape(ShapePtr<From> source, Convert convert) : source_(std::move(source)), convert_(std::move(convert)) {}

    [[nodiscard]] std::string expected() const override { return source_->expected(); }
    [[nodiscard]] boost::json::object schema(SchemaUse use) const override { return source_->schema(use); }
    void merge(Node& base, const Cursor& overlay) const override { source_->merge(base, overlay); }

    bool read(const Cursor& cursor, To& into) const override
    {
        From source{};
        if (!source_->read(cursor, source)) {
            return false;
        }
        auto converted = convert_(cursor, std::move(source));
        if (converted) {
            into = std::move(*converted);
        }
        return converted.has_value();
    }

private:
    ShapePtr<From> source_;
    Convert convert_;
};

template <typename To, typename From>
ShapePtr<To> converted(ShapePtr<From> source, typename ConvertedShape<From, To>::Convert convert)
{
    return std::make_shared<ConvertedShape<From, To>>(std::move(source), std::move(convert));
}

} // namespace squall::scenario
