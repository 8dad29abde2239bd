// Compares a rendered text with a file, byte for byte. SQUALL_UPDATE_GOLDEN=1 rewrites the files: read the difference
// before it is kept.
#pragma once

#include "catch.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace squall {

/// The first line that differs, with its neighbours' number, so that a failure is read at a glance.
inline std::string first_difference(const std::string& expected, const std::string& actual)
{
    std::istringstream want(expected);
    std::istringstream have(actual);
    for (int number = 1;; ++number) {
        std::string wanted;
        std::string had;
        const bool more_wanted = static_cast<bool>(std::getline(want, wanted));
        const bool more_had = static_cast<bool>(std::getline(have, had));
        if (!more_wanted && !more_had) {
            return "the same lines; only the end of the text differs";
        }
        if (wanted != had || more_wanted != more_had) {
            return "line " + std::to_string(number) + "\n  expected: " + (more_wanted ? wanted : "(no such line)") +
                   "\n  rendered: " + (more_had ? had : "(no such line)");
        }
    }
}

inline void check_golden(const std::string& name, const std::string& rendered)
{
    const std::string path = std::string(SQUALL_SOURCE_DIR) + "/tests/golden/reporters/" + name;
    if (const char* update = std::getenv("SQUALL_UPDATE_GOLDEN"); update != nullptr && std::string(update) == "1") {
        std::ofstream(path, std::ios::binary) << rendered;
    }
    std::ifstream file(path, std::ios::binary);
    const std::string expected{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (expected != rendered) {
        FAIL(path << "\n" << first_difference(expected, rendered) << "\nSQUALL_UPDATE_GOLDEN=1 rewrites the file");
    }
    SUCCEED();
}

} // namespace squall
