#include "engine/http_step.hpp"

#include "engine/answer_checks.hpp"
#include "plan/hosts.hpp"

namespace squall::engine {
namespace {

using measure::ErrorKind;

StepResult not_sent(const plan::Step& step, StepTimes times, ErrorKind kind, std::string text)
{
    StepResult result;
    result.sample.step = step.id;
    result.sample.intended = times.intended;
    result.sample.start = times.begin;
    result.sample.end = times.begin;
    result.sample.error = kind;
    result.error_text = std::move(text);
    return result;
}

void render_message(const plan::HttpAction& action, const plan::UserMemory& memory, plan::GeneratorState& generators,
                    HttpStepMemory& kept)
{
    kept.header_values.resize(action.headers.size());
    kept.headers.clear();
    for (std::size_t at = 0; at < action.headers.size(); ++at) {
        kept.header_values[at].clear();
        plan::render(action.headers[at].second, memory, generators, kept.header_values[at]);
        kept.headers.emplace_back(action.headers[at].first, kept.header_values[at]);
    }
    kept.body.clear();
    if (action.body) {
        plan::render(*action.body, memory, generators, kept.body);
    }
}

/// Parses the rendered URL unless it is the one of the last time. An empty error text means that it may be used.
std::string prepare_url(const plan::Plan& plan, const plan::HttpAction& action, const plan::UserMemory& memory,
                        plan::GeneratorState& generators, HttpStepMemory& kept)
{
    std::string text;
    plan::render(action.url, memory, generators, text);
    if (text == kept.url_text) {
        return {};
    }
    auto url = wire::parse_url(text);
    if (!url) {
        return url.error().message;
    }
    if (!plan::is_allowed_host(url->host, plan.allow_hosts)) {
        return fmt::format("{} is neither loopback nor in allow_hosts; nothing was sent", url->host);
    }
    kept.url = std::move(*url);
    kept.url_text = std::move(text);
    return {};
}

StepResult to_result(const plan::Step& step, StepTimes times, const drivers::HttpExchange& exchange)
{
    StepResult result;
    auto& sample = result.sample;
    sample.step = step.id;
    sample.intended = times.intended;
    sample.start = exchange.started;
    sample.end = exchange.ended;
    sample.error = exchange.error;
    sample.status = static_cast<std::uint16_t>(exchange.status);
    sample.bytes_sent = exchange.bytes_sent;
    sample.bytes_received = exchange.bytes_received;
    sample.phases = exchange.phases;
    sample.connected = exchange.new_connection;
    // Given up by us while it was in flight: its age is only the least that it would have taken.
    sample.censored = exchange.error == ErrorKind::cancelled || exchange.error == ErrorKind::timeout;
    result.error_text = exchange.error_text;
    return result;
}

} // namespace

Task<StepResult> perform_http(drivers::HttpClient& client, const plan::Plan& plan, const plan::Step& step,
                              plan::UserMemory& memory, plan::GeneratorState& generators, HttpStepMemory& kept,
                              StepTimes times)
{
    const auto& action = std::get<plan::HttpAction>(step.action);
    auto refused = prepare_url(plan, action, memory, generators, kept);
    if (!refused.empty()) {
        co_return not_sent(step, times, ErrorKind::internal, std::move(refused));
    }
    render_message(action, memory, generators, kept);
    drivers::HttpRequest request;
    request.method = action.method;
    request.url = &kept.url;
    request.headers = kept.headers;
    if (action.body) {
        request.body = kept.body;
    }
    request.deadline = times.begin + step.timeout;
    request.keep_body = step.needs_body;
    request.follow_redirects = action.follow_redirects;
    const auto exchange = co_await client.perform(request);
    auto result = to_result(step, times, exchange);
    if (exchange.error == ErrorKind::none) {
        const AnswerView answer{exchange.status, exchange.headers, exchange.body};
        auto verdict = judge_answer(step, answer, memory);
        result.sample.error = verdict.kind;
        result.error_text = std::move(verdict.text);
    }
    co_return result;
}

} // namespace squall::engine
