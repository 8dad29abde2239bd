// Where a value of the scenario was written, for messages.
#pragma once

#include <string>
#include <vector>

namespace squall::scenario {

/// file:line:column and the dotted path of a key: "user[planner].step[login].timeout".
/// Values that came from --set have the file "--set" and line 0.
struct Place {
    std::string file;
    int line = 0;
    int column = 0;
    std::string path;
};

/// One thing wrong with a scenario. Printed as `file:line:column: path: what is wrong; what was expected`.
struct Problem {
    Place place;
    std::string message;
};

[[nodiscard]] std::string to_string(const Problem& problem);

} // namespace squall::scenario
