#include "drivers/stdio_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>

namespace squall::drivers {
namespace {

using measure::ErrorKind;

constexpr std::size_t read_buffer_bytes = std::size_t{64} * 1024;
constexpr Duration last_patience = std::chrono::seconds(2);

bool is_local_limit(int number)
{
    return number == EAGAIN || number == EMFILE || number == ENFILE || number == ENOMEM || number == ENOSPC;
}

void ignore(std::exception_ptr /*failure: a watching flow has none that the world causes*/) {}

} // namespace

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

} // namespace squall::drivers
