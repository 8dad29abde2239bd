// What a value of the file may be, said once: read by the parser, described by the JSON Schema, merged by profiles.
#pragma once

#include "scenario/cursor.hpp"

#include <boost/json.hpp>

#include <memory>
#include <optional>
#include <string>

namespace squall::scenario {

/// whole: the value as it must be. overlay: what a profile may write over it: nothing is required, and tables of an
/// array are named ([profile.x.user.NAME]).
enum class SchemaUse { whole, overlay };

/// The face of a shape that needs not know into which C++ type it reads. Immutable; may be shared by threads.
class Shape {
public:
    virtual ~Shape() = default;

    /// `a duration such as "250ms"`: ends the message about a value of another kind.
    [[nodiscard]] virtual std::string expected() const = 0;

    /// JSON Schema, draft 2020-12, without description and default (those are the key's).
    [[nodiscard]] virtual boost::json::object schema(SchemaUse use) const = 0;

    /// Writes what a profile or --set says over the value. Only tables and named arrays go deeper than replacing.
    virtual void merge(Node& base, const Cursor& overlay) const { base = overlay.node(); }
};

/// A shape that reads into a T.
template <typename T>
class ShapeOf : public Shape {
public:
    /// False when the value is wrong; then it has been reported and `into` is not to be used.
    virtual bool read(const Cursor& cursor, T& into) const = 0;

    /// How the value is written in a file, for the schema's default; nothing where that says nothing.
    [[nodiscard]] virtual std::optional<boost::json::value> show(const T& /*value*/) const { return std::nullopt; }
};

template <typename T>
using ShapePtr = std::shared_ptr<const ShapeOf<T>>;

} // namespace squall::scenario
