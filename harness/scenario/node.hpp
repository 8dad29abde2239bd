// A TOML document as plain values that keep where they were written, also when profiles move them about.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace squall::scenario {

/// Line and column start at 1; line 0 is a value of --set.
struct Mark {
    std::string file;
    int line = 0;
    int column = 0;
};

struct Node;
struct NodeEntry;

/// A date or time. No key takes one; it is kept to be named in messages and to be text in JSON bodies.
struct Moment {
    std::string text;
};

struct NodeList {
    std::vector<Node> items;
};

/// Keys in the order of the file.
struct NodeTable {
    std::vector<NodeEntry> entries;

    [[nodiscard]] const NodeEntry* find(std::string_view key) const;
    [[nodiscard]] NodeEntry* find(std::string_view key);
    void erase(std::string_view key);
};

struct Node {
    Mark mark;
    std::variant<std::string, std::int64_t, double, bool, Moment, NodeList, NodeTable> value;

    template <typename T>
    [[nodiscard]] const T* as() const
    {
        return std::get_if<T>(&value);
    }
    template <typename T>
    [[nodiscard]] T* as()
    {
        return std::get_if<T>(&value);
    }
};

struct NodeEntry {
    std::string key;
    Mark mark; // of the key
    Node value;
};

/// What a person calls the value: `the string "x"`, `an integer (60)`, `a table`.
[[nodiscard]] std::string describe(const Node& node);

/// Numbers and booleans as TOML and JSON write them, strings without quotes; "" for lists and tables.
[[nodiscard]] std::string scalar_text(const Node& node);

} // namespace squall::scenario
