// Tables with known keys. A table is defined by naming each key once, with its sentence, shape and place in the struct.
#pragma once

#include "scenario/shapes/shape.hpp"

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace squall::scenario {

/// One key of a table. `read` is given the struct that the table reads into.
struct Field {
    std::string key;
    std::string doc; // one sentence for the schema
    bool required = false;
    std::shared_ptr<const Shape> shape;
    std::function<bool(const Cursor&, void* into)> read;
    std::optional<boost::json::value> fallback;
};

/// Keys that stand together: those of a table, or those of one of its alternatives.
struct FieldGroup {
    std::vector<Field> fields;
    std::vector<std::vector<std::string>> exclusive; // of each set at most one may be given
    std::function<void(void* into)> start;
    std::vector<std::function<bool(const Cursor&, void* into)>> finish; // all keys have been read and are right

    [[nodiscard]] const Field* find(std::string_view key) const;
};

/// The untyped works of TableShape.
class TableCore {
public:
    TableCore(std::string expected, FieldGroup common) : expected_(std::move(expected)), common_(std::move(common)) {}

    void choose_one(std::string noun, std::vector<FieldGroup> alternatives);

    [[nodiscard]] const std::string& expected() const { return expected_; }
    [[nodiscard]] boost::json::object schema(SchemaUse use) const;
    void merge(Node& base, const Cursor& overlay) const;
    bool read(const Cursor& cursor, void* into) const;

private:
    [[nodiscard]] const Field* find(std::string_view key) const;
    [[nodiscard]] const FieldGroup* alternative_of(std::string_view discriminant) const;
    [[nodiscard]] std::vector<std::string> keys() const;
    [[nodiscard]] std::vector<std::string> discriminants() const;

    std::vector<std::string> report_unknown_keys(const Cursor& cursor, const NodeTable& table) const;
    const FieldGroup* chosen_alternative(const Cursor& cursor, const NodeTable& table, bool& ok) const;
    bool report_foreign_keys(const Cursor& cursor, const NodeTable& table, const FieldGroup& chosen) const;
    void make_room(NodeTable& base, const NodeTable& overlay) const;

    std::string expected_;
    FieldGroup common_;
    std::string noun_;                     // of the choice: "action"
    std::vector<FieldGroup> alternatives_; // the first key of each is the one that chooses it
};

template <typename T>
struct is_optional : std::false_type {};
template <typename T>
struct is_optional<std::optional<T>> : std::true_type {};

/// Names the keys of a T. An accessor is a pointer to a member, or takes T& and gives a reference; the member is of the
/// shape's type or an optional of it. A shape of an optional has a word for nothing.
template <typename T>
class Fields {
public:
    /// `start` runs before anything is read: it chooses the alternative of a variant.
    explicit Fields(std::function<void(T&)> start = {})
    {
        if (start) {
            start(prototype_);
            group_.start = [start](void* into) { start(*static_cast<T*>(into)); };
        }
    }

    template <typename Accessor, typename M>
    Fields& required(std::string key, std::string doc, Accessor accessor, ShapePtr<M> shape)
    {
        return add(std::move(key), std::move(doc), true, std::move(accessor), std::move(shape));
    }

    /// The default is what a fresh T holds.
    template <typename Accessor, typename M>
    Fields& optional(std::string key, std::string doc, Accessor accessor, ShapePtr<M> shape)
    {
        return add(std::move(key), std::move(doc), false, std::move(accessor), std::move(shape));
    }

    /// At most one of these keys may be given.
    Fields& at_most_one(std::vector<std::string> keys)
    {
        group_.exclusive.push_back(std::move(keys));
        return *this;
    }

    /// Runs when all keys have been read and are right; reports and returns false where they do not go together.
    Fields& finally(std::function<bool(const Cursor&, T&)> check)
    {
        group_.finish.push_back([check = std::move(check)](const Cursor& cursor, void* into) {
            return check(cursor, *static_cast<T*>(into));
        });
        return *this;
    }

    [[nodiscard]] const FieldGroup& group() const { return group_; }

private:
    template <typename Accessor, typename M>
    Fields& add(std::string key, std::string doc, bool required, Accessor accessor, ShapePtr<M> shape)
    {
        using Member = std::remove_reference_t<std::invoke_result_t<Accessor, T&>>;
        Field field{std::move(key), std::move(doc), required, shape, {}, std::nullopt};
        if constexpr (is_optional<Member>::value && !std::is_same_v<Member, M>) {
            field.read = [accessor, shape](const Cursor& cursor, void* into) {
                // clang takes a nested struct with default members for one that cannot be made from nothing.
                return shape->read(cursor, std::invoke(accessor, *static_cast<T*>(into)).emplace(M{}));
            };
        } else {
            if (!required) {
                field.fallback = shape->show(std::invoke(accessor, prototype_));
            }
            field.read = [accessor, shape](const Cursor& cursor, void* into) {
                return shape->read(cursor, std::invoke(accessor, *static_cast<T*>(into)));
            };
        }
        group_.fields.push_back(std::move(field));
        return *this;
    }

    FieldGroup group_;
    T prototype_{};
};

/// A table that reads into a T. Sets T::place where there is one.
template <typename T>
class TableShape final : public ShapeOf<T> {
public:
    /// `expected`: "a table with file and order".
    TableShape(std::string expected, const Fields<T>& fields) : core_(std::move(expected), fields.group()) {}

    /// Exactly one of the alternatives must be given, chosen by its first key; `noun` names what they are.
    TableShape& choose_one(std::string noun, const std::vector<Fields<T>>& alternatives)
    {
        std::vector<FieldGroup> groups;
        for (const auto& alternative : alternatives) {
            groups.push_back(alternative.group());
        }
        core_.choose_one(std::move(noun), std::move(groups));
        return *this;
    }

    [[nodiscard]] std::string expected() const override { return core_.expected(); }
    [[nodiscard]] boost::json::object schema(SchemaUse use) const override { return core_.schema(use); }
    void merge(Node& base, const Cursor& overlay) const override { core_.merge(base, overlay); }

    bool read(const Cursor& cursor, T& into) const override
    {
        if constexpr (requires { into.place = cursor.place(); }) {
            into.place = cursor.place();
        }
        return core_.read(cursor, &into);
    }

private:
    TableCore core_;
};

template <typename T>
std::shared_ptr<TableShape<T>> table(std::string expected, const Fields<T>& fields)
{
    return std::make_shared<TableShape<T>>(std::move(expected), fields);
}

/// Writes `overlay` over `base` where both are tables, key by key; `shape_of` gives the shape of a key's value, null
/// for a key that has none.
void merge_tables(Node& base, const Cursor& overlay, const std::function<const Shape*(std::string_view key)>& shape_of);

} // namespace squall::scenario
