// One HTTP step of a virtual user: render, perform, judge, and a sample of it.
#pragma once

#include "drivers/http_client.hpp"
#include "drivers/slow_http.hpp"
#include "engine/step_result.hpp"
#include "plan/plan.hpp"
#include "plan/render.hpp"
#include "wire/url.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::engine {

/// A rendered request: what one user keeps for one step, so that the steady state neither parses the same URL again nor
/// allocates.
struct HttpMessage {
    std::string url_text;
    wire::Url url;
    std::vector<std::string> header_values;
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    std::string body;
};

/// The request of a step that is the same each time: rendered and written once for all users of a shard.
struct FixedRequest {
    HttpMessage message;
    drivers::PreparedRequest prepared;
    drivers::HttpRequest request; // of views into the two
};

/// Who performs a step.
struct HttpUser {
    drivers::HttpClient& client;
    drivers::SlowHttpClient* slow; // where the step is slow or half-open; else it may be null
    const plan::Plan& plan;
    const Clock& clock;
    plan::UserMemory& memory;
    plan::GeneratorState& generators;
    std::string& scratch; // shared by the users of a thread, used between two awaits
};

/// Nothing for a step whose request varies, or may not be sent: then perform_http() says why. `fixed_slots`: those
/// whose value, in `memory`, no user of the population ever changes.
[[nodiscard]] std::unique_ptr<const FixedRequest> fix_request(const plan::Plan& plan, const plan::Step& step,
                                                              const std::vector<bool>& fixed_slots,
                                                              const plan::UserMemory& memory);

/// Renders the step with the user's memory into `message`, sends it, judges the answer (saves write into the memory).
/// Whatever goes wrong is in the sample; `times.intended` becomes the sample's.
wire::Flow<> perform_http(HttpUser user, const plan::Step& step, HttpMessage& message, StepTimes times,
                          StepResult& result);

/// The same without rendering.
wire::Flow<> perform_fixed(drivers::HttpClient& client, plan::UserMemory& memory, const plan::Step& step,
                           const FixedRequest& fixed, StepTimes times, StepResult& result);

} // namespace squall::engine
