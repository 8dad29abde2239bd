#include "scenario/place.hpp"

#include <fmt/format.h>

namespace squall::scenario {

std::string to_string(const Problem& problem)
{
    const auto& place = problem.place;
    std::string text = place.file;
    if (place.line > 0) {
        text += fmt::format(":{}:{}", place.line, place.column);
    }
    if (!place.path.empty()) {
        text += (text.empty() ? "" : ": ") + place.path;
    }
    return text + (text.empty() ? "" : ": ") + problem.message;
}

} // namespace squall::scenario
