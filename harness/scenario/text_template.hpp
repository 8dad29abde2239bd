// Text with ${…}: variables, data columns, saved values, environment and generators, parsed once.
#pragma once

#include "base/result.hpp"
#include "scenario/place.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace squall::scenario {

/// ${name}, ${data.column}: looked up while the user runs. ${env.NAME} is expanded when the file is read.
struct Reference {
    std::string name;
};

/// ${uuid}, ${seq}, ${random.int(1,100)}: a new value at each use.
struct Generator {
    enum class Kind { uuid, sequence, random_int };
    Kind kind = Kind::uuid;
    std::int64_t low = 0;
    std::int64_t high = 0;
};

struct Segment {
    std::variant<std::string, Reference, Generator> content;
    /// The expansion stands inside a JSON string and is escaped as one.
    bool inside_json = false;
};

/// A parsed text. `source` is what the user wrote; an empty template renders "".
struct Template {
    std::string source;
    Place place;
    std::vector<Segment> segments;

    [[nodiscard]] bool is_constant() const;
};

/// Syntax errors only ("${" never closed, unknown generator, bad arguments); names are checked by the plan.
[[nodiscard]] Result<Template> parse_template(std::string_view text, Place place);

} // namespace squall::scenario
