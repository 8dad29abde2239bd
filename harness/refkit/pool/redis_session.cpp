#include "refkit/pool/redis_session.hpp"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <utility>

namespace squall::refkit {
namespace {

std::string upper(std::string_view word)
{
    std::string result(word);
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return result;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words)
{
    return std::ranges::find(words, word) != words.end();
}

} // namespace

void RedisLeftover::after(const std::vector<std::string>& words)
{
    if (words.empty()) {
        return;
    }
    const auto verb = upper(words.front());
    const auto subcommand = words.size() > 1 ? upper(words[1]) : std::string();
    if (verb == "MULTI") {
        multi_ = true;
    } else if (verb == "EXEC" || verb == "DISCARD") {
        multi_ = false;
        watch_ = false;
    } else if (verb == "WATCH") {
        watch_ = true;
    } else if (verb == "UNWATCH") {
        watch_ = watch_ && multi_; // inside MULTI it has no effect before EXEC
    } else if (is_one_of(verb, {"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "MONITOR", "SYNC", "PSYNC", "HELLO"}) ||
               (verb == "CLIENT" && is_one_of(subcommand, {"TRACKING", "REPLY", "CACHING"}))) {
        stream_ = true;
    } else if (is_one_of(verb, {"SELECT", "AUTH", "READONLY", "READWRITE", "ASKING", "RESET", "QUIT"}) ||
               (verb == "CLIENT" && is_one_of(subcommand, {"SETNAME", "SETINFO", "NO-EVICT", "NO-TOUCH"}))) {
        session_ = true; // RESET, too: it takes back what the pool had set
    }
}

Task<Result<wire::RedisReply>> RedisSession::command(std::vector<std::string> words, Instant deadline)
{
    auto after = leftover_;
    after.after(words);
    auto reply = co_await wire::RedisConnection::command(std::move(words), deadline);
    leftover_ = after;
    co_return reply;
}

} // namespace squall::refkit
