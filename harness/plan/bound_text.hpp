// Texts and patterns of the scenario, with names resolved to slots.
#pragma once

#include "scenario/text_template.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <variant>
#include <vector>

namespace squall::plan {

/// Index of a variable in a user's memory.
using Slot = std::uint32_t;

struct BoundSegment {
    std::variant<std::string, Slot, scenario::Generator> content;
    bool inside_json = false;
};

/// A template whose names are slots. `constant` holds the text when nothing in it varies.
struct BoundText {
    std::string source;
    std::vector<BoundSegment> segments;
    std::optional<std::string> constant;
};

struct Pattern {
    std::string source;
    std::shared_ptr<const std::regex> regex;
};

} // namespace squall::plan
