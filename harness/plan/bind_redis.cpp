#include "plan/bind_action.hpp"
#include "plan/globals.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace squall::plan {
namespace {

void check_server(const BoundText& server, const StepPlace& at)
{
    const auto* literal =
        server.segments.empty() ? nullptr : std::get_if<std::string>(&server.segments.front().content);
    const std::string_view start = server.constant      ? std::string_view(*server.constant)
                                   : literal != nullptr ? std::string_view(*literal)
                                                        : std::string_view();
    const bool given = server.constant || literal != nullptr;
    if (given && !start.starts_with("redis://") && !start.starts_with("rediss://")) {
        at.binder.report(at.place, fmt::format("\"{}\" is no address of a Redis; expected redis://host:port, "
                                               "rediss://host:port or ${{redis}}",
                                               server.source));
    } else if (given) {
        check_host(server, at.place, at.allow_hosts, at.binder);
    }
}

std::vector<BoundText> one_word(const std::string& word)
{
    return {BoundText{word, {BoundSegment{word, false}}, word}};
}

} // namespace

RedisAction bind_action(const scenario::RedisStep& redis, const StepPlace& at)
{
    RedisAction action;
    action.repeat = redis.repeat;
    action.transaction = redis.transaction;
    action.messages = redis.messages;
    action.resp = redis.resp;
    action.connection = redis.connection;
    action.server = at.binder.bind(redis.server, at.scope);
    check_server(action.server, at);
    for (const auto& command : redis.commands) {
        auto& words = action.commands.emplace_back();
        for (const auto& word : command) {
            words.push_back(at.binder.bind(word, at.scope));
        }
    }
    action.constant = std::ranges::all_of(action.commands, [](const auto& words) {
        return std::ranges::all_of(words, [](const auto& word) { return word.constant.has_value(); });
    });
    if (action.transaction) {
        // What is repeated is inside: EXEC's reply holds all of it.
        const auto inner = action.commands;
        for (; action.repeat > 1; --action.repeat) {
            action.commands.insert(action.commands.end(), inner.begin(), inner.end());
        }
        action.commands.insert(action.commands.begin(), one_word("MULTI"));
        action.commands.push_back(one_word("EXEC"));
    }
    return action;
}

} // namespace squall::plan
