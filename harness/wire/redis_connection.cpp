#include "wire/redis_connection.hpp"

#include "base/forks.hpp"
#include "base/text.hpp"
#include "wire/close_unless_done.hpp"
#include "wire/deadline.hpp"
#include "wire/redis_address.hpp"
#include "wire/resolve.hpp"

#include <hiredis/hiredis.h>

#include <array>
#include <cstdlib>
#include <utility>

namespace squall::wire {
namespace {

using asio::ip::tcp;

struct FreeReader {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
};
struct FreeReply {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
struct FreeCommand {
    void operator()(char* command) const { redisFreeCommand(command); }
};

RedisReply::Type type_of(int hiredis_type)
{
    switch (hiredis_type) {
    case REDIS_REPLY_STATUS:
        return RedisReply::Type::status;
    case REDIS_REPLY_ERROR:
        return RedisReply::Type::error;
    case REDIS_REPLY_INTEGER:
        return RedisReply::Type::integer;
    case REDIS_REPLY_NIL:
        return RedisReply::Type::nil;
    case REDIS_REPLY_STRING:
        return RedisReply::Type::text;
    case REDIS_REPLY_ARRAY:
        return RedisReply::Type::array;
    default:
        return RedisReply::Type::text; // RESP3 types, which a server sends only after HELLO 3
    }
}

RedisReply convert(const redisReply& reply)
{
    RedisReply converted;
    converted.type = type_of(reply.type);
    converted.integer = reply.integer;
    if (reply.str != nullptr) {
        converted.text.assign(reply.str, static_cast<std::size_t>(reply.len));
    }
    for (std::size_t index = 0; index < reply.elements; ++index) {
        converted.elements.push_back(convert(*reply.element[index]));
    }
    return converted;
}

Result<std::string> format(const std::vector<std::string>& words)
{
    std::vector<const char*> texts;
    std::vector<std::size_t> lengths;
    for (const auto& word : words) {
        texts.push_back(word.data());
        lengths.push_back(word.size());
    }
    char* formatted = nullptr;
    const auto length =
        redisFormatCommandArgv(&formatted, static_cast<int>(words.size()), texts.data(), lengths.data());
    const std::unique_ptr<char, FreeCommand> owner(formatted);
    if (length < 0) {
        return fail("a Redis command of {} words cannot be formatted", words.size());
    }
    return std::string(formatted, static_cast<std::size_t>(length));
}

} // namespace

struct RedisConnection::State {
    explicit State(const asio::any_io_executor& executor) : socket(executor) {}

    tcp::socket socket;
    std::unique_ptr<redisReader, FreeReader> reader;
    std::string address; // for messages
    ForkMark opened;     // by this process, or by the one it is a fork of

    void close()
    {
        error_code ignored;
        socket.close(ignored);
        reader.reset();
    }

    Error broken(const DeadlineGuard& guard, std::string_view doing, error_code error)
    {
        close();
        if (guard.expired()) {
            return fail("Redis at {}: no answer in time while {}", address, doing);
        }
        return fail("Redis at {}: {} failed: {}", address, doing, error.message());
    }

    /// The next whole reply; nothing while more bytes are needed.
    Result<std::optional<RedisReply>> next_reply()
    {
        void* parsed = nullptr;
        if (redisReaderGetReply(reader.get(), &parsed) != REDIS_OK) {
            auto error = fail("Redis at {}: malformed answer: {}", address, reader->errstr);
            close();
            return error;
        }
        if (parsed == nullptr) {
            return std::optional<RedisReply>();
        }
        const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(parsed));
        return std::optional<RedisReply>(convert(*reply));
    }
};

RedisConnection::RedisConnection(asio::any_io_executor executor) : state_(std::make_unique<State>(executor)) {}
RedisConnection::~RedisConnection() = default;
RedisConnection::RedisConnection(RedisConnection&&) noexcept = default;
RedisConnection& RedisConnection::operator=(RedisConnection&&) noexcept = default;

bool RedisConnection::is_open() const
{
    return state_->reader != nullptr && state_->socket.is_open() && !state_->opened.forked();
}

void RedisConnection::close()
{
    state_->close();
}

Task<Result<void>> RedisConnection::connect(std::string url, std::string name, Instant deadline)
{
    State& state = *state_;
    state.close();
    const auto address = parse_redis_url(url);
    if (!address) {
        co_return address.error();
    }
    state.address = fmt::format("{}:{}", address->host, address->port);
    if (address->secure) {
        co_return fail("Redis at {}: probes do not speak TLS; give them a redis:// address", state.address);
    }
    CloseUnlessDone closer(state);
    const auto endpoints = co_await resolve(address->host, address->port, deadline);
    if (!endpoints) {
        co_return fail("Redis at {}: cannot look up the host: {}", state.address, endpoints.error().message());
    }
    {
        const DeadlineGuard guard(state.socket.get_executor(), deadline, [&state] { state.close(); });
        const auto [error, peer] = co_await asio::async_connect(state.socket, *endpoints, use_result);
        // A connect that succeeds in the very moment the deadline passes finds its socket closed.
        if (error || guard.expired()) {
            co_return state.broken(guard, "connecting", error);
        }
    }
    error_code ignored;
    state.socket.set_option(tcp::no_delay(true), ignored);
    state.reader.reset(redisReaderCreate());
    state.opened = ForkMark();
    const auto greeting = address->greeting(name);
    for (const auto& words : greeting) {
        const auto reply = co_await command(words, deadline);
        if (!reply) {
            co_return reply.error();
        }
        if (reply->type == RedisReply::Type::error) {
            co_return fail("Redis at {} refused {}: {}", state.address, words.front(), reply->text);
        }
    }
    closer.done();
    co_return Result<void>();
}

Task<Result<RedisReply>> RedisConnection::command(std::vector<std::string> words, Instant deadline)
{
    State& state = *state_;
    if (!is_open()) {
        co_return fail("Redis at {}: not connected", state.address);
    }
    const auto bytes = format(words);
    if (!bytes) {
        co_return bytes.error();
    }
    CloseUnlessDone closer(state);
    const DeadlineGuard guard(state.socket.get_executor(), deadline, [&state] {
        error_code ignored;
        state.socket.close(ignored);
    });
    const auto [write_error, written] = co_await asio::async_write(state.socket, asio::buffer(*bytes), use_result);
    if (write_error) {
        co_return state.broken(guard, "sending " + words.front(), write_error);
    }
    std::array<char, 16384> buffer;
    for (;;) {
        const auto [error, read] = co_await state.socket.async_read_some(asio::buffer(buffer), use_result);
        if (error || !is_open()) {
            co_return state.broken(guard, "waiting for the answer to " + words.front(), error);
        }
        redisReaderFeed(state.reader.get(), buffer.data(), read);
        auto reply = state.next_reply();
        if (!reply) {
            co_return reply.error();
        }
        if (*reply) {
            closer.done();
            co_return std::move(**reply);
        }
    }
}

} // namespace squall::wire
