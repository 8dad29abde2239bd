#include "engine/http_step.hpp"

#include "drivers/request_writer.hpp"
#include "engine/answer_checks.hpp"
#include "engine/step_sample.hpp"
#include "plan/hosts.hpp"

#include <algorithm>

namespace squall::engine {
namespace {

using measure::ErrorKind;

void render_message(const plan::HttpAction& action, const plan::UserMemory& memory, plan::GeneratorState& generators,
                    HttpMessage& message)
{
    message.header_values.resize(action.headers.size());
    message.headers.clear();
    for (std::size_t at = 0; at < action.headers.size(); ++at) {
        message.header_values[at].clear();
        plan::render(action.headers[at].second, memory, generators, message.header_values[at]);
        message.headers.emplace_back(action.headers[at].first, message.header_values[at]);
    }
    message.body.clear();
    if (action.body) {
        plan::render(*action.body, memory, generators, message.body);
    }
}

/// Parses the rendered URL unless it is the one of the last time. An empty error text means that it may be used.
std::string prepare_url(const plan::Plan& plan, std::string_view text, HttpMessage& message)
{
    if (text == message.url_text) {
        return {};
    }
    auto url = wire::parse_url(text);
    if (!url) {
        return url.error().message;
    }
    if (!plan::is_allowed_host(url->host, plan.allow_hosts)) {
        return fmt::format("{} is neither loopback nor in allow_hosts; nothing was sent", url->host);
    }
    message.url = std::move(*url);
    message.url_text = text;
    return {};
}

drivers::HttpRequest request_of(const plan::Step& step, const HttpMessage& message)
{
    const auto& action = std::get<plan::HttpAction>(step.action);
    drivers::HttpRequest request;
    request.method = action.method;
    request.url = &message.url;
    request.headers = message.headers;
    if (action.body) {
        request.body = message.body;
    }
    request.keep_body = step.needs_body;
    request.keep_headers = step.needs_headers;
    request.follow_redirects = action.follow_redirects;
    return request;
}

drivers::SlowPace pace_of(const scenario::SlowPace& pace)
{
    using Kind = drivers::SlowPace::Kind;
    const auto kind = pace.kind == scenario::SlowPace::Kind::write  ? Kind::write
                      : pace.kind == scenario::SlowPace::Kind::read ? Kind::read
                                                                    : Kind::half_open;
    return {kind, pace.bytes, kind == Kind::half_open ? Duration::zero() : pace.every, pace.length};
}

void judge(const plan::Step& step, StepTimes times, drivers::HttpExchange& exchange, plan::UserMemory& memory,
           StepResult& result)
{
    result.sample = sample_of(step, times, exchange, exchange.error, exchange.status);
    if (exchange.error != ErrorKind::none) {
        result.error_text = std::move(exchange.error_text);
        return;
    }
    auto verdict = judge_answer(step, {exchange.status, exchange.headers, exchange.body}, memory);
    result.sample.error = verdict.kind;
    result.error_text = std::move(verdict.text);
}

bool is_fixed(const plan::BoundText& text, const std::vector<bool>& fixed_slots)
{
    return text.constant ||
           std::all_of(text.segments.begin(), text.segments.end(), [&fixed_slots](const auto& segment) {
               const auto* slot = std::get_if<plan::Slot>(&segment.content);
               return std::holds_alternative<std::string>(segment.content) || (slot != nullptr && fixed_slots[*slot]);
           });
}

} // namespace

std::unique_ptr<const FixedRequest> fix_request(const plan::Plan& plan, const plan::Step& step,
                                                const std::vector<bool>& fixed_slots, const plan::UserMemory& memory)
{
    const auto& action = std::get<plan::HttpAction>(step.action);
    if (action.pace) {
        return nullptr;
    }
    const bool headers_fixed = std::all_of(action.headers.begin(), action.headers.end(),
                                           [&](const auto& header) { return is_fixed(header.second, fixed_slots); });
    if (!is_fixed(action.url, fixed_slots) || !headers_fixed || (action.body && !is_fixed(*action.body, fixed_slots))) {
        return nullptr;
    }
    plan::GeneratorState unused{Random(0), nullptr}; // nothing in it is generated
    auto fixed = std::make_unique<FixedRequest>();
    std::string url;
    plan::render(action.url, memory, unused, url);
    if (!prepare_url(plan, url, fixed->message).empty()) {
        return nullptr;
    }
    render_message(action, memory, unused, fixed->message);
    fixed->request = request_of(step, fixed->message);
    if (drivers::unsendable_header(fixed->request)) {
        return nullptr;
    }
    fixed->prepared = drivers::prepare_request(fixed->request);
    fixed->request.prepared = &fixed->prepared;
    return fixed;
}

wire::Flow<> perform_fixed(drivers::HttpClient& client, plan::UserMemory& memory, const plan::Step& step,
                           const FixedRequest& fixed, StepTimes times, StepResult& result)
{
    drivers::HttpExchange exchange;
    co_await client.perform(fixed.request, {times.begin, times.begin + step.timeout}, exchange);
    judge(step, times, exchange, memory, result);
    client.forget_answer();
}

wire::Flow<> perform_http(HttpUser user, const plan::Step& step, HttpMessage& message, StepTimes times,
                          StepResult& result)
{
    const auto& action = std::get<plan::HttpAction>(step.action);
    user.scratch.clear();
    plan::render(action.url, user.memory, user.generators, user.scratch);
    auto refused = prepare_url(user.plan, user.scratch, message);
    if (!refused.empty()) {
        not_sent(step, times, std::move(refused), result);
        co_return;
    }
    render_message(action, user.memory, user.generators, message);
    const auto request = request_of(step, message);
    drivers::HttpExchange exchange;
    if (action.pace) {
        co_await user.slow->perform(request, pace_of(*action.pace), {times.begin, times.begin + step.timeout},
                                    exchange);
        result.sample = sample_of(step, times, exchange, exchange.error, exchange.status);
        result.sample.censored = result.sample.censored || exchange.cut_short;
        result.error_text = std::move(exchange.error_text);
        co_return;
    }
    co_await user.client.perform(request, {user.clock.now(), times.begin + step.timeout}, exchange);
    judge(step, times, exchange, user.memory, result);
    user.client.forget_answer();
}

} // namespace squall::engine
