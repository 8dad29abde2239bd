// [profile.NAME]: named changes, written over the file before it is read.
#pragma once

#include "scenario/cursor.hpp"
#include "scenario/node.hpp"
#include "scenario/shapes/shape.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace squall::scenario {

/// The profiles of one file. Keeps a reference to its root node.
class Profiles {
public:
    /// Reports what is wrong with the profiles themselves: not a table, extending an unknown one or in a circle.
    Profiles(const Node& root, Reading& reading);

    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

    /// `name` and those that it extends, the farthest first; empty for a name that is unknown or in a circle.
    [[nodiscard]] std::vector<std::string> chain(const std::string& name) const;

    /// The root with the profile's chain written over it.
    [[nodiscard]] Node apply(const std::string& name, const Shape& shape, Reading& reading) const;

    /// Whether a value at this place was written by one of the chain.
    [[nodiscard]] bool wrote(const std::string& name, const Place& place) const;

private:
    [[nodiscard]] const NodeEntry* find(std::string_view name) const;
    [[nodiscard]] static const NodeEntry* extends(const NodeEntry& profile);
    [[nodiscard]] std::vector<std::string> walk(const std::string& name, bool& circle) const;
    void check(const NodeEntry& profile, const Cursor& at) const;

    const Node& root_;
    const NodeTable* profiles_ = nullptr;
    std::vector<std::string> names_;
};

} // namespace squall::scenario
