// One HTTP step of a virtual user: render, perform, judge, and a sample of it.
#pragma once

#include "drivers/http_client.hpp"
#include "engine/step_result.hpp"
#include "plan/plan.hpp"
#include "plan/render.hpp"
#include "wire/url.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::engine {

/// What one user keeps for one step, so that the steady state neither parses the same URL again nor allocates.
struct HttpStepMemory {
    std::string url_text;
    wire::Url url;
    std::vector<std::string> header_values;
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    std::string body;
};

/// Renders the step with the user's memory, sends it, judges the answer (saves write into `memory`).
/// Whatever goes wrong is in the sample; `times.intended` becomes the sample's.
Task<StepResult> perform_http(drivers::HttpClient& client, const plan::Plan& plan, const plan::Step& step,
                              plan::UserMemory& memory, plan::GeneratorState& generators, HttpStepMemory& kept,
                              StepTimes times);

} // namespace squall::engine
