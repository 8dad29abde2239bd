// What the owner of a server asks of it: calls, and its end.
#include "drivers/stdio_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace squall::drivers {
namespace {

using measure::ErrorKind;

/// A process closes its stdout a moment before it can be seen to have ended.
constexpr Duration end_after_output = std::chrono::milliseconds(500);
constexpr Duration longest_sleep = std::chrono::hours(1);

} // namespace

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
    send_message(request, exchange);
    while (wanted_ && writing_ && running_ && !trouble_ && context_.clock.now() < times.deadline) {
        co_await heard_.until(times.deadline);
    }
    const bool sent = !writing_;
    pass(exchange.phases.sending, exchange);
    if (!request.notification) {
        co_await until_heard(times.deadline);
    }
    exchange.bytes_received = received_ - received;
    if (first_byte_) {
        const auto waited = std::max(*first_byte_, exchange.ended);
        exchange.phases.waiting += waited - exchange.ended;
        exchange.ended = waited;
    }
    pass(first_byte_ ? exchange.phases.receiving : exchange.phases.waiting, exchange);
    exchange.failure = failure_of_call(request.notification ? sent : !conversation_.awaits(), times);
    conversation_.give_up();
    if (!exchange.failure && !request.notification) {
        give_answer(exchange);
    }
}

void StdioServer::send_message(const RpcRequest& request, RpcExchange& exchange)
{
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
}

void StdioServer::give_answer(RpcExchange& exchange) const
{
    exchange.answer = &conversation_.answer();
    exchange.answer_text = conversation_.answer_text();
    if (auto error = conversation_.error_of_answer()) {
        exchange.failure = {ErrorKind::rpc_error, std::move(*error)};
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
