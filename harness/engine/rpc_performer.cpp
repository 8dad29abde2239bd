#include "engine/rpc_performer.hpp"

#include "engine/answer_checks.hpp"
#include "engine/step_sample.hpp"
#include "plan/hosts.hpp"

#include <algorithm>

namespace squall::engine {
namespace {

using drivers::RpcExchange;
using measure::ErrorKind;
using Kind = scenario::RpcStep::Kind;

const plan::RpcAction& action_of(const plan::Step& step)
{
    return std::get<plan::RpcAction>(step.action);
}

/// A step that looks at the error of an answer wants one.
bool expects_error(const plan::Step& step)
{
    return std::any_of(step.checks.json.begin(), step.checks.json.end(), [](const auto& check) {
        const std::string_view pointer = check.expectation.pointer;
        return pointer == "/error" || pointer.starts_with("/error/");
    });
}

} // namespace

RpcPerformer::RpcPerformer(const UserParts& user) : user_(user), servers_(user.surroundings.plan.stdio_services.size())
{}

// Not a coroutine: it hands over to the one that fits.
wire::Flow<> RpcPerformer::perform(const plan::Step& step, StepTimes times, StepResult& result)
{
    return action_of(step).stdio ? perform_stdio(step, times, result) : perform_http(step, times, result);
}

void RpcPerformer::close()
{
    for (auto& server : servers_) {
        if (server) {
            server->retire();
            server.reset();
        }
    }
    if (http_) {
        http_->close();
    }
}

wire::Flow<> RpcPerformer::perform_stdio(const plan::Step& step, StepTimes times, StepResult& result)
{
    const auto& action = action_of(step);
    const drivers::RpcTimes limits{times.begin, times.begin + step.timeout};
    RpcExchange exchange;
    exchange.started = exchange.ended = times.begin;
    const auto service = action.stdio->service;
    if (action.kind != Kind::stop && !servers_[service]) {
        exchange.failure = start(step, times.begin, exchange);
    }
    // Kept here too: close() may let go of it meanwhile.
    const auto server = servers_[service];
    if (server && action.kind == Kind::stop) {
        co_await server->stop(user_.random.uniform() < action.killed, limits, exchange);
    } else if (server && !exchange.failure) {
        const auto request = render_message(action);
        co_await server->call(request, limits, exchange);
    }
    write_down(step, times, exchange, result);
    if (server) {
        server->forget_answer();
    }
    if (server && server == servers_[service] && (action.kind == Kind::stop || !server->is_running())) {
        server->retire();
        servers_[service].reset();
    }
}

drivers::Failure RpcPerformer::start(const plan::Step& step, Instant now, RpcExchange& exchange)
{
    const auto& how = *action_of(step).stdio;
    auto& shared = user_.surroundings.rpc;
    const auto& service = user_.surroundings.plan.stdio_services.at(how.service);
    drivers::StdioStart wanted;
    for (const auto& word : how.argv) {
        wanted.child.argv.push_back(render(word));
    }
    wanted.child.environment = shared.environment();
    for (const auto& [name, value] : how.environment) {
        std::erase_if(wanted.child.environment, [&name](const auto& entry) { return entry.starts_with(name + "="); });
        wanted.child.environment.push_back(name + "=" + render(value));
    }
    wanted.child.directory = service.directory;
    wanted.child.log = shared.log_of(how.service);
    wanted.service = how.service;
    wanted.grace = service.stop_grace;
    auto server = drivers::StdioServer::make(shared.context());
    auto failure = server->start(wanted);
    exchange.ended = user_.surroundings.clock.now();
    exchange.phases.connecting = exchange.ended - now;
    exchange.new_connection = true;
    if (failure) {
        return failure;
    }
    servers_[how.service] = std::move(server);
    measure::Sample sample;
    sample.step = action_of(step).start_sample;
    sample.intended = sample.start = now;
    sample.end = exchange.ended;
    sample.phases.connecting = exchange.phases.connecting;
    sample.connected = true;
    user_.surroundings.recorder.begun(sample.step, Duration::zero());
    user_.surroundings.recorder.record(sample);
    return {};
}

drivers::RpcRequest RpcPerformer::render_message(const plan::RpcAction& action)
{
    method_ = render(action.method);
    params_ = action.params ? render(*action.params) : std::string();
    return {method_, params_, action.kind == Kind::notification};
}

std::string RpcPerformer::render(const plan::BoundText& text)
{
    std::string rendered;
    plan::render(text, user_.memory, user_.generators, rendered);
    return rendered;
}

wire::Flow<> RpcPerformer::perform_http(const plan::Step& step, StepTimes times, StepResult& result)
{
    const auto& action = action_of(step);
    RpcExchange exchange;
    exchange.started = exchange.ended = times.begin;
    auto refused = render_url(action);
    if (!refused.empty()) {
        exchange.failure = {ErrorKind::internal, std::move(refused)};
        write_down(step, times, exchange, result);
        co_return;
    }
    if (!http_) {
        http_ = std::make_unique<drivers::RpcHttp>(user_.surroundings.http, user_.population.cookies);
    }
    const auto request = render_message(action);
    const drivers::RpcTimes limits{user_.surroundings.clock.now(), times.begin + step.timeout};
    if (action.kind == Kind::stop) {
        co_await http_->stop(url_, headers_, limits, exchange);
    } else {
        co_await http_->call(url_, headers_, request, limits, exchange);
    }
    write_down(step, times, exchange, result);
    http_->forget_answer();
}

std::string RpcPerformer::render_url(const plan::RpcAction& action)
{
    auto text = render(action.url);
    if (text != url_text_) {
        auto url = wire::parse_url(text);
        if (!url) {
            return url.error().message;
        }
        if (!plan::is_allowed_host(url->host, user_.surroundings.plan.allow_hosts)) {
            return fmt::format("{} is neither loopback nor in allow_hosts; nothing was sent", url->host);
        }
        url_ = std::move(*url);
        url_text_ = std::move(text);
        http_.reset(); // another server knows nothing of the session
    }
    header_values_.resize(action.headers.size());
    headers_.clear();
    for (std::size_t at = 0; at < action.headers.size(); ++at) {
        header_values_[at] = render(action.headers[at].second);
        headers_.emplace_back(action.headers[at].first, header_values_[at]);
    }
    return {};
}

void RpcPerformer::write_down(const plan::Step& step, StepTimes times, RpcExchange& exchange, StepResult& result)
{
    auto& failure = exchange.failure;
    const bool error_wanted = failure.kind == ErrorKind::rpc_error && expects_error(step);
    if (exchange.answer != nullptr && (!failure || error_wanted)) {
        auto verdict = judge_answer(step, {200, nullptr, exchange.answer_text, exchange.answer}, user_.memory);
        failure = {verdict.kind, std::move(verdict.text)};
    }
    result.sample = sample_of(step, times, exchange, failure.kind, exchange.status);
    result.error_text = std::move(failure.text);
}

} // namespace squall::engine
