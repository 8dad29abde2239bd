// What goes to a server over its stdin and comes from its stdout.
#include "drivers/stdio_server.hpp"

#include <exception>

namespace squall::drivers {
namespace {

using measure::ErrorKind;
using Done = wire::ChildProcess::Done;

constexpr std::size_t most_unsent = rpc_message_limit;
constexpr int reads_in_a_row = 8;

void ignore(std::exception_ptr /*failure: a watching flow has none that the world causes*/) {}

} // namespace

wire::Flow<> StdioServer::watch_output(std::shared_ptr<StdioServer> self)
{
    int in_a_row = 0;
    while (!self->output_over_) {
        self->output_watch_.reading();
        const auto state = self->read_some();
        if (state == Output::over) {
            break;
        }
        if (state == Output::more && ++in_a_row < reads_in_a_row) {
            continue;
        }
        in_a_row = 0;
        if (state == Output::more) {
            co_await self->context_.events.wakes.turn();
            continue;
        }
        const error_code ended = co_await self->output_watch_.readable();
        if (ended) {
            co_return;
        }
    }
    if (self->running_ && !self->output_over_) {
        self->output_over_ = true;
        self->output_watch_.forget();
        self->heard_.cancel();
    }
}

StdioServer::Output StdioServer::read_some()
{
    std::size_t got = 0;
    const auto done = process_.read(context_.read_buffer.data(), context_.read_buffer.size(), got);
    if (done == Done::would_block) {
        return Output::waits;
    }
    if (done == Done::failed || got == 0) {
        return Output::over;
    }
    received_ += got;
    if (conversation_.awaits() && !first_byte_) {
        first_byte_ = context_.clock.now();
    }
    take({context_.read_buffer.data(), got});
    return lines_.is_too_long() ? Output::over : Output::more;
}

void StdioServer::take(std::string_view bytes)
{
    while (const auto line = lines_.next(bytes)) {
        if (line->find_first_not_of(" \t\r") != std::string_view::npos) {
            hear(*line);
        }
    }
    if (lines_.is_too_long()) {
        trouble_ = {ErrorKind::response_too_large, "the server wrote a line of more than 16 MiB, and was killed"};
        begin_end(true);
        heard_.cancel();
    }
}

void StdioServer::hear(std::string_view line)
{
    reply_.clear();
    const auto heard = conversation_.hear(line, reply_);
    if (heard == RpcConversation::Heard::broken && !trouble_) {
        trouble_ = {ErrorKind::rpc_protocol, conversation_.problem()};
    }
    if (!reply_.empty()) {
        send(reply_);
    }
    if (heard != RpcConversation::Heard::nothing) {
        heard_.cancel();
    }
}

void StdioServer::send(std::string_view bytes)
{
    if (stage_ != Stage::serving || process_.input_descriptor() < 0) {
        return;
    }
    if (unsent_.empty()) {
        std::size_t written = 0;
        const auto done = process_.write(bytes, written);
        bytes.remove_prefix(written);
        if (done == Done::failed) {
            return; // it has closed its stdin: its end tells why
        }
    }
    if (unsent_.size() + bytes.size() > most_unsent) {
        trouble_ = {ErrorKind::rpc_protocol, "the server does not read: 16 MiB wait for it; it was killed"};
        begin_end(true);
        return;
    }
    unsent_.append(bytes);
    if (!unsent_.empty() && !writing_) {
        writing_ = true;
        wire::start(write_rest(shared_from_this()), ignore);
    }
}

wire::Flow<> StdioServer::write_rest(std::shared_ptr<StdioServer> self)
{
    error_code error = self->input_watch_.follow(self->process_.input_descriptor());
    while (!error && !self->unsent_.empty() && self->process_.input_descriptor() >= 0) {
        std::size_t written = 0;
        const auto done = self->process_.write(self->unsent_, written);
        self->unsent_.erase(0, written);
        if (done == Done::failed) {
            break;
        }
        if (done == Done::would_block) {
            self->input_watch_.blocked_in_writing();
            error = co_await self->input_watch_.writable();
        }
    }
    self->input_watch_.forget();
    self->unsent_.clear();
    self->writing_ = false;
    self->heard_.cancel();
}

} // namespace squall::drivers
