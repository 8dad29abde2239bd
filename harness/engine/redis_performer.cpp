#include "engine/redis_performer.hpp"

#include "drivers/redis_command.hpp"
#include "drivers/resp_value.hpp"
#include "engine/answer_checks.hpp"
#include "engine/step_sample.hpp"
#include "plan/hosts.hpp"

#include <boost/json.hpp>

namespace squall::engine {
namespace {

using drivers::RedisExchange;
using drivers::RedisRequest;
using measure::ErrorKind;
using Kind = scenario::ConnectionUse::Kind;

/// One reply alone, EXEC's of a transaction, the messages of a subscription, otherwise an array of all.
Result<boost::json::value> value_of(const plan::RedisAction& action, const RedisRequest& request,
                                    std::string_view replies)
{
    boost::json::array all;
    for (std::size_t left = request.replies; left > 0; --left) {
        auto reply = drivers::take_reply(replies, request.messages);
        if (!reply) {
            return reply.error();
        }
        all.push_back(std::move(*reply));
    }
    if (action.messages > 0) {
        all.erase(all.begin()); // that the subscription stands
        return boost::json::value(std::move(all));
    }
    if (action.transaction || all.size() == 1) {
        return boost::json::value(std::move(all.back()));
    }
    return boost::json::value(std::move(all));
}

} // namespace

RedisPerformer::RedisPerformer(const UserParts& user)
    : user_(user),
      own_(user.surroundings.redis.context()),
      brief_(user.surroundings.redis.context()),
      turn_(user.surroundings.events.timers)
{}

wire::Flow<> RedisPerformer::perform(const plan::Step& step, StepTimes times, StepResult& result)
{
    const auto& action = std::get<plan::RedisAction>(step.action);
    auto& message = message_of(step);
    RedisExchange exchange;
    exchange.started = times.begin;
    exchange.ended = times.begin;
    auto refused = aim(action, message);
    if (!refused.empty()) {
        exchange.error = ErrorKind::internal;
        result.sample = sample_of(step, times, exchange, exchange.error);
        result.error_text = std::move(refused);
        co_return;
    }
    RedisRequest request;
    request.server = &message.server;
    request.replies =
        action.commands.size() * static_cast<std::size_t>(action.repeat) + static_cast<std::size_t>(action.messages);
    request.messages = action.messages > 0;
    request.keep_replies = step.needs_body;
    if (action.constant) {
        request.bytes = user_.surroundings.redis.fixed(step);
    } else {
        render(action, message);
        request.bytes = message.bytes;
    }
    const Instant deadline = times.begin + step.timeout;
    drivers::RedisLink* link = &own_;
    if (action.connection.kind != Kind::of_user || request.messages) {
        link = co_await link_for(step, deadline);
    }
    if (link == nullptr) {
        exchange.ended = user_.surroundings.clock.now();
        exchange.error = turn_.given_up ? ErrorKind::cancelled : ErrorKind::timeout;
        exchange.error_text = "no shared connection became free";
    } else {
        const Instant start = link == &own_ ? times.begin : user_.surroundings.clock.now();
        co_await link->perform(request, {start, deadline}, exchange);
        exchange.phases.blocked = start - times.begin;
        exchange.started = times.begin;
    }
    result.sample = sample_of(step, times, exchange, exchange.error);
    judge(step, exchange, result);
    if (link != nullptr) {
        link->forget_replies();
        put_back(step, link);
    }
}

void RedisPerformer::judge(const plan::Step& step, RedisExchange& exchange, StepResult& result)
{
    if (exchange.error != ErrorKind::none) {
        result.error_text = std::move(exchange.error_text);
        return;
    }
    if (!step.needs_body) {
        return;
    }
    const auto& action = std::get<plan::RedisAction>(step.action);
    RedisRequest request;
    request.replies =
        action.commands.size() * static_cast<std::size_t>(action.repeat) + static_cast<std::size_t>(action.messages);
    request.messages = action.messages > 0;
    const auto value = value_of(action, request, exchange.replies);
    if (!value) {
        result.sample.error = ErrorKind::malformed_response;
        result.error_text = value.error().message;
        return;
    }
    AnswerView answer;
    answer.document = &*value;
    auto verdict = judge_answer(step, answer, user_.memory);
    result.sample.error = verdict.kind;
    result.error_text = std::move(verdict.text);
}

wire::Flow<drivers::RedisLink*> RedisPerformer::link_for(const plan::Step& step, Instant deadline)
{
    const auto& action = std::get<plan::RedisAction>(step.action);
    if (action.messages > 0 || action.connection.kind == Kind::per_call) {
        co_return &brief_;
    }
    drivers::RedisLink* link = co_await user_.surroundings.redis.pool(step).acquire(turn_, deadline);
    borrowed_ = link;
    co_return link;
}

void RedisPerformer::put_back(const plan::Step& step, drivers::RedisLink* link)
{
    if (link == &brief_) {
        brief_.close();
    } else if (link == borrowed_) {
        borrowed_ = nullptr;
        user_.surroundings.redis.pool(step).release(link);
    }
}

RedisPerformer::Message& RedisPerformer::message_of(const plan::Step& step)
{
    if (messages_.size() <= step.id) {
        messages_.resize(step.id + 1);
    }
    auto& message = messages_[step.id];
    if (!message) {
        message = std::make_unique<Message>();
    }
    return *message;
}

std::string RedisPerformer::aim(const plan::RedisAction& action, Message& message)
{
    auto& text = user_.surroundings.scratch;
    text.clear();
    plan::render(action.server, user_.memory, user_.generators, text);
    if (text == message.server_text) {
        return {};
    }
    auto address = wire::parse_redis_url(text);
    if (!address) {
        return address.error().message;
    }
    if (!plan::is_allowed_host(address->host, user_.surroundings.plan.allow_hosts)) {
        return fmt::format("{} is neither loopback nor in allow_hosts; nothing was sent", address->host);
    }
    message.server = {std::move(*address), action.resp};
    message.server_text = text;
    return {};
}

void RedisPerformer::render(const plan::RedisAction& action, Message& message)
{
    message.bytes.clear();
    for (int round = 0; round < action.repeat; ++round) {
        for (const auto& command : action.commands) {
            if (message.words.size() < command.size()) {
                message.words.resize(command.size());
            }
            message.views.clear();
            for (std::size_t at = 0; at < command.size(); ++at) {
                message.words[at].clear();
                plan::render(command[at], user_.memory, user_.generators, message.words[at]);
                message.views.emplace_back(message.words[at]);
            }
            drivers::append_command(message.views, message.bytes);
        }
    }
}

void RedisPerformer::close()
{
    drivers::RedisPool::give_up(turn_);
    own_.close();
    brief_.close();
    if (borrowed_ != nullptr) {
        borrowed_->close();
    }
}

} // namespace squall::engine
