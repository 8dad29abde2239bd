// Short ways to parse a text in tests.
#pragma once

#include "catch.hpp"
#include "scenario/parse.hpp"

#include <string>
#include <vector>

namespace squall::scenario::testing {

using Lines = std::vector<std::string>;

/// A step-less world around the text of a user.
inline const std::string one_user = "[[user]]\n"
                                    "name = \"planner\"\n"
                                    "arrival = { closed = 10 }\n"
                                    "[[user.step]]\n"
                                    "name = \"login\"\n"
                                    "http = \"POST ${api}/login\"\n";

inline ParseOptions with_profile(std::string profile)
{
    ParseOptions options;
    options.profile = std::move(profile);
    return options;
}

inline ParseOptions with_overrides(std::vector<std::string> overrides)
{
    ParseOptions options;
    options.overrides = std::move(overrides);
    return options;
}

/// The problems as they are printed.
inline Lines problems(const std::string& text, const ParseOptions& options = {})
{
    Lines lines;
    for (const auto& problem : parse_text(text, "s.toml", options).problems) {
        lines.push_back(to_string(problem));
    }
    return lines;
}

/// The scenario of a text without problems.
inline Scenario parsed(const std::string& text, const ParseOptions& options = {})
{
    auto outcome = parse_text(text, "s.toml", options);
    for (const auto& problem : outcome.problems) {
        FAIL_CHECK(to_string(problem));
    }
    return std::move(outcome.scenario);
}

} // namespace squall::scenario::testing
