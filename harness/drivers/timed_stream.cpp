#include "drivers/timed_stream.hpp"

#include "wire/flow_bridge.hpp"

#include <fmt/format.h>

namespace squall::drivers {

using measure::ErrorKind;

void TimedStream::aim(const std::string& host, std::uint16_t port, bool secure)
{
    if (stream_ && secure_ == secure && stream_->origin().port == port && stream_->origin().host == host) {
        return;
    }
    if (stream_) {
        stream_->close();
    }
    wire::Url origin;
    origin.host = host;
    origin.port = port;
    secure_ = secure;
    stream_ = std::make_unique<Stream>(events_, origin);
}

std::string TimedStream::peer() const
{
    return fmt::format("{}:{}", stream_->origin().host, stream_->origin().port);
}

void TimedStream::begin(Instant deadline)
{
    busy_ = true;
    reason_ = Reason::none;
    stage_ = Stage::exchanging;
    arm(deadline);
}

wire::Flow<Failure> TimedStream::open(TlsContext tls, measure::PhaseTimes& phases, Instant& passed)
{
    const auto& origin = stream_->origin();
    if (const auto literal = wire::literal_endpoint(origin.host, origin.port)) {
        stream_->addresses.assign(1, *literal);
    }
    if (stream_->addresses.empty()) {
        stage_ = Stage::resolving;
        Failure failure = co_await look_up();
        if (failure) {
            pass(phases.connecting, passed);
            co_return failure;
        }
    }
    stage_ = Stage::connecting;
    const error_code error = co_await stream_->connect();
    pass(phases.connecting, passed);
    if (interrupted() || error) {
        stream_->close();
        co_return interrupted() ? interruption() : connect_failure(error, peer());
    }
    if (secure_) {
        stage_ = Stage::handshaking;
        const std::optional<std::string> refused = co_await stream_->handshake(tls, "");
        pass(phases.tls_handshaking, passed);
        if (interrupted() || refused) {
            stream_->close();
            co_return interrupted() ? interruption()
                                    : Failure{ErrorKind::tls, fmt::format("TLS with {}: {}", peer(), *refused)};
        }
    }
    stage_ = Stage::exchanging;
    co_return Failure{};
}

wire::Flow<Failure> TimedStream::look_up()
{
    const auto& origin = stream_->origin();
    std::optional<boost::system::result<wire::Endpoints>> found;
    try {
        // A coroutine of its own, so that close() can stop it: the lookup does not hang on a socket.
        auto addresses = co_await wire::TaskInFlow(
            events_.executor(), wire::resolve(origin.host, origin.port, deadline_), lookup_cancel_.slot());
        found.emplace(std::move(addresses));
    } catch (const boost::system::system_error&) {
        found.emplace(error_code(asio::error::host_not_found)); // cancelled
    }
    if (interrupted()) {
        co_return interruption();
    }
    if (found->has_error()) {
        co_return lookup_failure(found->error(), origin.host);
    }
    stream_->addresses = found->value();
    co_return Failure{};
}

Failure TimedStream::broken(const error_code& error, bool answer_begun)
{
    stream_->close();
    return interrupted() ? interruption() : transfer_failure(error, answer_begun);
}

Failure TimedStream::interruption() const
{
    if (reason_ == Reason::closed) {
        return {ErrorKind::cancelled, "the request was given up by its user"};
    }
    switch (stage_) {
    case Stage::resolving:
        return {ErrorKind::dns, "the name lookup took longer than the step's timeout"};
    case Stage::connecting:
        return {ErrorKind::connect_timeout, "connecting took longer than the step's timeout"};
    case Stage::handshaking:
        return {ErrorKind::timeout, "the TLS handshake took longer than the step's timeout"};
    case Stage::exchanging:
        break;
    }
    return {ErrorKind::timeout, "the answer took longer than the step's timeout"};
}

void TimedStream::interrupt(Reason reason)
{
    reason_ = reason;
    lookup_cancel_.emit(asio::cancellation_type::terminal);
    stream_->close();
}

void TimedStream::close()
{
    if (busy_ && reason_ == Reason::none) {
        interrupt(Reason::closed);
    } else if (stream_) {
        stream_->close();
    }
    events_.timers.cancel(*this);
}

void TimedStream::pass(Duration& phase, Instant& passed) const
{
    const auto now = clock_.now();
    phase += now - passed;
    passed = now;
}

// The timer is left running when an operation ends in time: setting it anew for each would cost more.
void TimedStream::arm(Instant deadline)
{
    deadline_ = deadline;
    if (!is_running() || deadline < timer_at_) {
        timer_at_ = deadline;
        events_.timers.set(*this, deadline);
    }
}

void TimedStream::on_time()
{
    if (!busy_) {
        return;
    }
    if (deadline_ > timer_at_) {
        arm(deadline_);
    } else if (reason_ == Reason::none) {
        interrupt(Reason::deadline);
    }
}

} // namespace squall::drivers
