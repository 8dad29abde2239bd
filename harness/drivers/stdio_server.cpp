#include "drivers/stdio_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <utility>

namespace squall::drivers {
namespace {

using measure::ErrorKind;
using Done = wire::ChildProcess::Done;

constexpr std::size_t read_buffer_bytes = std::size_t{64} * 1024;
constexpr std::size_t most_unsent = rpc_message_limit;
constexpr int reads_in_a_row = 8;
/// A process closes its stdout a moment before it can be seen to have ended.
constexpr Duration end_after_output = std::chrono::milliseconds(500);
constexpr Duration last_patience = std::chrono::seconds(2);
constexpr Duration longest_sleep = std::chrono::hours(1);

bool is_local_limit(int number)
{
    return number == EAGAIN || number == EMFILE || number == ENFILE || number == ENOMEM || number == ENOSPC;
}

void ignore(std::exception_ptr /*failure: a watching flow has none that the world causes*/) {}

} // namespace

// ---- context -------------------------------------------------------------------------------------------------------

StdioContext::StdioContext(wire::ThreadEvents& thread_events, const Clock& run_clock, ChildRegistry* living)
    : events(thread_events),
      clock(run_clock),
      registry(living),
      read_buffer(read_buffer_bytes),
      changed(thread_events.timers)
{}

StdioContext::~StdioContext() = default;

wire::Flow<> StdioContext::all_ended()
{
    while (!running.empty()) {
        Duration grace{};
        for (const auto* server : running) {
            grace = std::max(grace, server->grace());
        }
        const auto patience = clock.now() + grace + last_patience;
        while (!running.empty() && clock.now() < patience) {
            co_await changed.until(patience);
        }
        const auto left = running;
        for (auto* server : left) {
            server->abandon();
        }
    }
}

void StdioContext::kill_all()
{
    const auto all = running;
    for (auto* server : all) {
        server->kill();
    }
}

// ---- life ----------------------------------------------------------------------------------------------------------

std::shared_ptr<StdioServer> StdioServer::make(StdioContext& context)
{
    return std::make_shared<StdioServer>(context);
}

StdioServer::StdioServer(StdioContext& context)
    : context_(context),
      end_watch_(context.events.readiness),
      output_watch_(context.events.readiness),
      input_watch_(context.events.readiness),
      heard_(context.events.timers)
{}

StdioServer::~StdioServer()
{
    context_.events.timers.cancel(*this);
}

Failure StdioServer::start(const StdioStart& start)
{
    if (const auto failed = process_.start(start.child)) {
        return {is_local_limit(failed->number) ? ErrorKind::local_limit : ErrorKind::start_failed, failed->text};
    }
    const error_code unwatched = end_watch_.follow(process_.end_descriptor());
    const error_code unheard = output_watch_.follow(process_.output_descriptor());
    if (unwatched || unheard) {
        return {ErrorKind::local_limit, fmt::format("cannot watch {}: {}", start.child.argv.front(),
                                                    (unwatched ? unwatched : unheard).message())};
    }
    service_ = start.service;
    grace_ = start.grace;
    running_ = true;
    pid_ = process_.pid();
    context_.running.push_back(this);
    if (context_.registry != nullptr) {
        context_.registry->add(service_, process_.pid());
    }
    wire::start(watch_output(shared_from_this()), ignore);
    wire::start(watch_end(shared_from_this()), ignore);
    return {};
}

wire::Flow<> StdioServer::watch_end(std::shared_ptr<StdioServer> self)
{
    while (self->running_) {
        const error_code abandoned = co_await self->end_watch_.readable();
        if (abandoned) {
            co_return;
        }
        self->end_watch_.reading();
        if (const auto end = self->process_.reap()) {
            self->ended(*end);
        }
    }
}

void StdioServer::ended(const wire::ChildEnd& end)
{
    end_ = end;
    running_ = false;
    for (auto state = Output::more; state == Output::more;) {
        state = read_some(); // what it said last is still in the pipe
    }
    output_over_ = true;
    context_.events.timers.cancel(*this);
    forget();
}

void StdioServer::abandon()
{
    if (running_) {
        running_ = false;
        output_over_ = true;
        forget();
    }
}

/// Nothing is awaited of the process any more.
void StdioServer::forget()
{
    end_watch_.forget();
    output_watch_.forget();
    input_watch_.forget();
    process_.close_input();
    std::erase(context_.running, this);
    if (context_.registry != nullptr) {
        context_.registry->remove(service_, pid_);
    }
    heard_.cancel();
    context_.changed.cancel();
}

void StdioServer::begin_end(bool killed)
{
    const auto now = context_.clock.now();
    if (killed) {
        stage_ = Stage::killed;
        process_.signal(SIGKILL);
    } else if (stage_ == Stage::serving) {
        stage_ = Stage::input_closed;
        input_watch_.forget();
        process_.close_input();
        context_.events.timers.set(*this, now + grace_ / 2);
    }
}

void StdioServer::on_time()
{
    if (stage_ == Stage::input_closed) {
        stage_ = Stage::terminated;
        process_.signal(SIGTERM);
        context_.events.timers.set(*this, context_.clock.now() + grace_ / 2);
    } else if (running_) {
        overdue_ = true;
        begin_end(true);
    }
}

void StdioServer::retire()
{
    wanted_ = false;
    if (running_) {
        begin_end(false);
    }
    heard_.cancel();
}

void StdioServer::kill()
{
    if (running_) {
        begin_end(true);
    }
}

// ---- bytes ---------------------------------------------------------------------------------------------------------

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

// ---- operations ----------------------------------------------------------------------------------------------------

wire::Flow<> StdioServer::call(const RpcRequest& request, RpcTimes times, RpcExchange& exchange)
{
    begin_operation(times, exchange);
    exchange.failure = trouble();
    if (!exchange.failure && !running_) {
        exchange.failure = {ErrorKind::server_exited, fmt::format("the server {} before the call", how_it_ended())};
    }
    if (exchange.failure) {
        pass(exchange.phases.waiting, exchange);
        co_return;
    }
    const auto received = received_;
    std::string message;
    if (request.notification) {
        append_message(std::nullopt, request.method, request.params, message);
    } else {
        conversation_.call(request.method, request.params, message);
    }
    message += '\n';
    first_byte_.reset();
    exchange.bytes_sent = message.size();
    send(message);
    while (wanted_ && writing_ && running_ && !trouble_ && context_.clock.now() < times.deadline) {
        co_await heard_.until(times.deadline);
    }
    const bool sent = !writing_;
    pass(exchange.phases.sending, exchange);
    if (!request.notification) {
        co_await until_heard(times.deadline);
    }
    const bool answered = request.notification ? sent : !conversation_.awaits();
    exchange.bytes_received = received_ - received;
    if (first_byte_) {
        const auto waited = std::max(*first_byte_, exchange.ended);
        exchange.phases.waiting += waited - exchange.ended;
        exchange.ended = waited;
    }
    pass(first_byte_ ? exchange.phases.receiving : exchange.phases.waiting, exchange);
    exchange.failure = failure_of_call(answered, times);
    conversation_.give_up();
    if (!exchange.failure && !request.notification) {
        exchange.answer = &conversation_.answer();
        exchange.answer_text = conversation_.answer_text();
        if (auto error = conversation_.error_of_answer()) {
            exchange.failure = {ErrorKind::rpc_error, std::move(*error)};
        }
    }
}

/// The answer, or whatever else ends the waiting for it.
wire::Flow<> StdioServer::until_heard(Instant deadline)
{
    // A line that ends in the same read as the process has been heard already.
    while (wanted_ && conversation_.awaits() && !trouble_ && running_ && context_.clock.now() < deadline) {
        if (output_over_) {
            deadline = std::min(deadline, context_.clock.now() + end_after_output);
        }
        co_await heard_.until(deadline);
    }
}

Failure StdioServer::failure_of_call(bool answered, RpcTimes times)
{
    if (!wanted_) {
        return {ErrorKind::cancelled, "the call was given up by its user"};
    }
    if (auto told = trouble()) {
        return told;
    }
    if (answered) {
        return {};
    }
    if (!running_) {
        return {ErrorKind::server_exited, fmt::format("the server {} in the middle of a call", how_it_ended())};
    }
    if (output_over_) {
        return {ErrorKind::server_exited, "the server has closed its stdout, and runs on"};
    }
    const auto waited = context_.clock.now() - times.start;
    return {ErrorKind::timeout,
            writing_ ? fmt::format("the server did not read what was sent within {}", format_duration(waited))
                     : fmt::format("no answer within {}", format_duration(waited))};
}

wire::Flow<> StdioServer::stop(bool killed, RpcTimes times, RpcExchange& exchange)
{
    begin_operation(times, exchange);
    if (running_) {
        begin_end(killed);
    }
    while (running_ && context_.clock.now() < times.deadline) {
        co_await heard_.until(std::min(times.deadline, context_.clock.now() + longest_sleep));
    }
    pass(exchange.phases.waiting, exchange);
    exchange.failure = failure_of_end(killed, times);
}

Failure StdioServer::failure_of_end(bool killed, RpcTimes times)
{
    if (running_ || !end_) {
        return {ErrorKind::timeout,
                fmt::format("the server has not ended within {}", format_duration(context_.clock.now() - times.start))};
    }
    if (killed) {
        return {};
    }
    if (overdue_) {
        return {ErrorKind::timeout,
                fmt::format("the server did not end within {} of its stdin, and was killed", format_duration(grace_))};
    }
    const bool terminated = stage_ == Stage::terminated && end_->signal == SIGTERM;
    if (end_->signal != 0 ? !terminated : end_->code != 0) {
        return {ErrorKind::server_exited, fmt::format("the server {} when it was to end", how_it_ended())};
    }
    return trouble();
}

Failure StdioServer::trouble()
{
    return std::exchange(trouble_, Failure{});
}

std::string StdioServer::how_it_ended() const
{
    return end_ ? end_->text() : "is gone";
}

void StdioServer::begin_operation(RpcTimes times, RpcExchange& exchange)
{
    exchange.started = times.start;
    exchange.ended = std::max(times.start, exchange.ended);
}

void StdioServer::pass(Duration& phase, RpcExchange& exchange) const
{
    const auto now = context_.clock.now();
    phase += now - exchange.ended;
    exchange.ended = now;
}

} // namespace squall::drivers
