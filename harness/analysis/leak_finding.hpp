// A leak estimate as a reporter sees it. Pure.
#pragma once

#include "analysis/attribution.hpp"
#include "analysis/certificate.hpp"
#include "analysis/leak.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace squall::analysis {

/// Of the parts of `gauge` ("postgres.connections{application=api}"), those that hold at least a fifth of what it kept;
/// the largest first. Empty where it kept nothing.
[[nodiscard]] std::vector<result::LeakHolder> holders_of(const std::string& gauge,
                                                         const std::map<std::string, LeakEstimate>& estimates);

struct FindingParts {
    const LeakEstimate& estimate;
    std::optional<Attribution> attribution{};
    std::vector<result::LeakHolder> holders{};
    Certificate certificate{};
};

[[nodiscard]] result::LeakFinding to_finding(const FindingParts& parts);

} // namespace squall::analysis
