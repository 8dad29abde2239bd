// One value of the file with its path: what every reader is handed, and how it reports what is wrong.
#pragma once

#include "base/result.hpp"
#include "scenario/node.hpp"
#include "scenario/place.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::scenario {

/// The value of an environment variable, nothing where it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// What all cursors of one reading share.
struct Reading {
    std::vector<Problem> problems;
    Environment environment;
    /// A variable that is not set is no problem; what needs it is not read.
    bool environment_may_be_missing = false;
};

/// Points into a Node tree that outlives it. Cheap to copy.
class Cursor {
public:
    Cursor(const Node& node, Reading& reading, std::string path = {}, const Mark* key = nullptr)
        : node_(&node),
          reading_(&reading),
          path_(std::move(path)),
          key_(key)
    {}

    [[nodiscard]] const Node& node() const { return *node_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] Place place() const { return place_of(node_->mark, path_); }
    /// Where the key stands; the value's own place for items of arrays.
    [[nodiscard]] Place key_place() const { return place_of(key_ != nullptr ? *key_ : node_->mark, path_); }

    /// The value under a key of this table: path "….key".
    [[nodiscard]] Cursor child(const NodeEntry& entry) const;
    /// An item of this array: path "…[name]".
    [[nodiscard]] Cursor item(const Node& node, std::string_view name) const;
    [[nodiscard]] bool has(std::string_view key) const;
    /// child() by its key; this cursor itself where the key is not given.
    [[nodiscard]] Cursor at(std::string_view key) const;

    /// The string with ${env.NAME} expanded. Another type is reported with what was expected, and `hint` after it.
    [[nodiscard]] std::optional<std::string> text(std::string_view expected, std::string_view hint = {}) const;
    /// Replaces every ${env.NAME} and leaves all other ${…} alone; a variable that is not set is reported.
    [[nodiscard]] std::optional<std::string> expand_environment(std::string_view text) const;
    /// The value of one environment variable; reported when it is not set.
    [[nodiscard]] std::optional<std::string> environment(std::string_view name) const;

    void report(std::string message) const;
    void report_at_key(std::string message) const;
    /// "found an integer (60); expected …"
    void report_type(std::string_view expected, std::string_view hint = {}) const;

private:
    [[nodiscard]] static Place place_of(const Mark& mark, const std::string& path);

    const Node* node_;
    Reading* reading_;
    std::string path_;
    const Mark* key_;
};

/// `; did you mean "x"?` for a near miss, else `; expected one of a, b, c` (or "expected x" where there is only one).
[[nodiscard]] std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

} // namespace squall::scenario
