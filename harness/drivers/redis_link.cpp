#include "drivers/redis_link.hpp"

#include "drivers/redis_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace squall::drivers {
namespace {

using measure::ErrorKind;
using Done = Stream::Done;

constexpr std::size_t read_buffer_bytes = 64U * 1024U;
constexpr std::size_t most_idle_bytes = std::size_t{1024} * 1024;
constexpr Duration idle_before_check = std::chrono::milliseconds(100);

struct Greeting {
    std::string bytes;
    std::size_t replies = 0;
};

Greeting greeting_of(const RedisServer& server)
{
    Greeting greeting;
    const auto& address = server.address;
    if (server.resp == 3) {
        std::vector<std::string_view> hello{"HELLO", "3"};
        if (!address.password.empty()) {
            const std::string_view user = address.user.empty() ? "default" : std::string_view(address.user);
            hello.insert(hello.end(), {"AUTH", user, address.password});
        }
        append_command(hello, greeting.bytes);
        ++greeting.replies;
    }
    for (const auto& words : address.greeting("")) {
        if (server.resp == 3 && words.front() == "AUTH") {
            continue;
        }
        const std::vector<std::string_view> views(words.begin(), words.end());
        append_command(views, greeting.bytes);
        ++greeting.replies;
    }
    return greeting;
}

/// The errors that say that the password is wrong or missing, or that the user may not; before Redis 6 without a code.
bool is_about_rights(std::string_view text)
{
    constexpr std::array<std::string_view, 5> starts{"NOAUTH", "WRONGPASS", "NOPERM", "ERR invalid password",
                                                     "ERR Client sent AUTH"};
    return std::any_of(starts.begin(), starts.end(), [text](auto start) { return text.starts_with(start); }) ||
           text.starts_with("ERR AUTH ");
}

bool same_server(const RedisServer& left, const RedisServer& right)
{
    const auto& a = left.address;
    const auto& b = right.address;
    return left.resp == right.resp && a.port == b.port && a.secure == b.secure && a.database == b.database &&
           a.host == b.host && a.user == b.user && a.password == b.password;
}

} // namespace

RedisContext::RedisContext(wire::ThreadEvents& thread_events, const Clock& run_clock, TlsContext tls_context)
    : events(thread_events),
      clock(run_clock),
      tls(std::move(tls_context)),
      read_buffer(read_buffer_bytes)
{}

RedisLink::~RedisLink() = default;

wire::Flow<> RedisLink::perform(const RedisRequest& request, RedisTimes times, RedisExchange& exchange)
{
    exchange.started = times.start;
    exchange.ended = times.start;
    forget_replies();
    aim(*request.server);
    stream_.begin(times.deadline);
    if (stream_.is_open() && times.start - last_used_ >= idle_before_check && stream_.stream().is_stale()) {
        stream_.stream().close();
    }
    Failure failure;
    if (!stream_.is_open()) {
        failure = co_await open(exchange);
    }
    if (!failure) {
        failure = co_await converse(request, exchange);
    }
    if (!failure && scanner_.first_error()) {
        failure = refused();
    }
    stream_.end();
    last_used_ = exchange.ended;
    if (failure) {
        exchange.error = failure.kind;
        exchange.error_text = std::move(failure.text);
    }
}

void RedisLink::aim(const RedisServer& server)
{
    if (aimed_ && same_server(connected_to_, server)) {
        return;
    }
    stream_.close();
    aimed_ = true;
    connected_to_ = server;
    stream_.aim(server.address.host, server.address.port, server.address.secure);
}

wire::Flow<Failure> RedisLink::open(RedisExchange& exchange)
{
    Failure failure = co_await stream_.open(context_.tls, exchange.phases, exchange.ended);
    if (failure) {
        co_return failure;
    }
    exchange.new_connection = true;
    ahead_.clear();
    const Greeting greeting = greeting_of(connected_to_);
    if (greeting.replies > 0) {
        RedisRequest hello;
        hello.bytes = greeting.bytes;
        hello.replies = greeting.replies;
        const auto before = exchange.phases;
        failure = co_await converse(hello, exchange);
        const auto& after = exchange.phases;
        exchange.phases.tls_handshaking +=
            after.sending + after.waiting + after.receiving - before.sending - before.waiting - before.receiving;
        exchange.phases.sending = before.sending;
        exchange.phases.waiting = before.waiting;
        exchange.phases.receiving = before.receiving;
        if (!failure && scanner_.first_error()) {
            failure = refused();
            stream_.stream().close();
        }
    }
    if (!failure) {
        stream_.stream().established();
    }
    co_return failure;
}

wire::Flow<Failure> RedisLink::converse(const RedisRequest& request, RedisExchange& exchange)
{
    Stream& stream = stream_.stream();
    scanner_.expect(request.replies, request.messages);
    std::string_view unsent = request.bytes;
    exchange.bytes_sent += unsent.size();
    auto done = stream.send_now(unsent);
    error_code error = done == Done::failed ? stream.error() : error_code();
    if (done != Done::failed && !unsent.empty()) {
        error = co_await stream.send_rest(unsent);
    }
    pass(exchange.phases.sending, exchange);
    std::string_view received;
    bool begun = false;
    bool whole = request.replies == 0;
    Failure failure;
    if (!ahead_.empty() && !error && !stream_.interrupted()) {
        const std::string early = std::exchange(ahead_, {});
        failure = take(early, request, whole, exchange);
        whole = false; // nothing that came before the commands answers them
    }
    while (!whole && !failure) {
        if (error || stream_.interrupted()) {
            co_return stream_.broken(error, begun);
        }
        done = stream.receive_now(context_.read_buffer, received);
        if (done == Done::would_block && !stream_.is_secure()) {
            error = co_await stream.readable();
            if (error || stream_.interrupted()) {
                continue;
            }
            done = stream.receive_now(context_.read_buffer, received);
        }
        if (done == Done::would_block) {
            error = co_await stream.receive(context_.read_buffer, received);
        } else if (done == Done::failed) {
            error = stream.error();
        }
        pass(begun ? exchange.phases.receiving : exchange.phases.waiting, exchange);
        if (!error && !stream_.interrupted()) {
            begun = true;
            failure = take(received, request, whole, exchange);
        }
    }
    if (failure) {
        stream.close();
    }
    co_return failure;
}

Failure RedisLink::take(std::string_view received, const RedisRequest& request, bool& done, RedisExchange& exchange)
{
    exchange.bytes_received += received.size();
    std::string_view left = received;
    const auto state = scanner_.feed(left);
    switch (state) {
    case RespScanner::State::malformed:
        return {ErrorKind::malformed_response, scanner_.problem()};
    case RespScanner::State::too_large:
        return {ErrorKind::response_too_large, "the reply is larger than 64 MiB, or of more than a million values"};
    case RespScanner::State::more:
    case RespScanner::State::done:
        break;
    }
    done = state == RespScanner::State::done;
    if (!left.empty()) {
        // A push of RESP3 may come at any time, and messages until the subscription ends.
        if (!request.messages && (connected_to_.resp == 2 || left.front() != '>')) {
            return {ErrorKind::malformed_response, "the server sent more replies than it was given commands"};
        }
        ahead_.assign(left);
    }
    return request.keep_replies ? keep(received.substr(0, received.size() - left.size()), done, exchange) : Failure{};
}

Failure RedisLink::keep(std::string_view bytes, bool done, RedisExchange& exchange)
{
    if (done && kept_.empty()) {
        exchange.replies = bytes;
        return {};
    }
    if (kept_.capacity() == std::string().capacity() && !context_.idle_buffers.empty()) {
        kept_ = std::move(context_.idle_buffers.back());
        context_.idle_buffers.pop_back();
    }
    if (kept_.size() + bytes.size() > redis_reply_limit) {
        return {ErrorKind::response_too_large, "the replies are larger than 64 MiB together"};
    }
    kept_.append(bytes);
    if (done) {
        exchange.replies = kept_;
    }
    return {};
}

void RedisLink::forget_replies()
{
    const bool borrowed = kept_.capacity() > std::string().capacity();
    kept_.clear();
    if (borrowed && kept_.capacity() <= most_idle_bytes) {
        context_.idle_buffers.push_back(std::move(kept_));
    }
    kept_ = {};
}

Failure RedisLink::refused() const
{
    const auto& text = *scanner_.first_error();
    return {is_about_rights(text) ? ErrorKind::authentication : ErrorKind::redis_error, text};
}

void RedisLink::pass(Duration& phase, RedisExchange& exchange) const
{
    const auto now = context_.clock.now();
    phase += now - exchange.ended;
    exchange.ended = now;
}

} // namespace squall::drivers
