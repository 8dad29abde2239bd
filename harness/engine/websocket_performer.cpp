#include "engine/websocket_performer.hpp"

#include "engine/step_sample.hpp"
#include "plan/hosts.hpp"

#include <algorithm>

namespace squall::engine {
namespace {

using drivers::Failure;
using measure::ErrorKind;

constexpr std::uint64_t message_limit = std::uint64_t{16} * 1024 * 1024;
/// The server ends the connection first (RFC 6455 section 7.1.1), which spares this machine's ports.
constexpr Duration longest_wait_for_end = std::chrono::seconds(1);
constexpr Duration longest_sleep = std::chrono::hours(1);

} // namespace

WebSocketPerformer::WebSocketPerformer(const UserParts& user) : user_(user), pause_(user.surroundings.events.timers) {}

void WebSocketPerformer::close()
{
    aborted_ = true;
    if (socket_) {
        socket_->close();
    }
    pause_.cancel();
}

wire::Flow<> WebSocketPerformer::perform(const plan::Step& step, StepTimes times, StepResult& result)
{
    const auto& action = std::get<plan::WebSocketAction>(step.action);
    aborted_ = false;
    result.recorded = true;
    auto message = std::make_unique<Message>();
    if (!prepare(step, times, *message, result)) {
        co_return;
    }
    std::optional<Instant> until;
    if (action.hold) {
        until = times.begin + Duration(user_.random.between(action.hold->low.count(), action.hold->high.count()));
    }
    for (int attempt = 1;; ++attempt) {
        co_await open(step, *message, times, result);
        if (result.sample.error == ErrorKind::none) {
            attempt = 1;
            if (!action.reconnect) {
                message.reset(); // who only holds a socket needs it no more
            }
            co_await hold(until);
            if (!leave_at_once()) {
                co_await leave_normally();
            }
            co_await drain();
            result.sample.error = talk_->failure();
        }
        talk_.reset();
        socket_.reset();
        const bool again = result.sample.error != ErrorKind::none && action.reconnect && !is_ending() &&
                           attempt <= action.reconnect->attempts && (!until || now() < *until);
        if (!again) {
            break;
        }
        co_await back_off(*action.reconnect, attempt);
        times = {now(), now()};
        user_.surroundings.recorder.begun(step.id, Duration::zero());
    }
}

bool WebSocketPerformer::prepare(const plan::Step& step, StepTimes times, Message& message, StepResult& result) const
{
    auto refused = render(std::get<plan::WebSocketAction>(step.action), message);
    if (refused.empty()) {
        return true;
    }
    result.recorded = false;
    not_sent(step, times, std::move(refused), result);
    return false;
}

std::string WebSocketPerformer::render(const plan::WebSocketAction& action, Message& message) const
{
    auto& scratch = user_.surroundings.scratch;
    scratch.clear();
    plan::render(action.url, user_.memory, user_.generators, scratch);
    auto url = wire::parse_url(scratch);
    if (!url) {
        return url.error().message;
    }
    if (!plan::is_allowed_host(url->host, user_.surroundings.plan.allow_hosts)) {
        return fmt::format("{} is neither loopback nor in allow_hosts; nothing was sent", url->host);
    }
    message.url = std::move(*url);
    message.header_values.resize(action.headers.size());
    for (std::size_t at = 0; at < action.headers.size(); ++at) {
        plan::render(action.headers[at].second, user_.memory, user_.generators, message.header_values[at]);
        message.headers.emplace_back(action.headers[at].first, message.header_values[at]);
    }
    return {};
}

wire::Flow<> WebSocketPerformer::open(const plan::Step& step, const Message& message, StepTimes times,
                                      StepResult& result)
{
    const auto& action = std::get<plan::WebSocketAction>(step.action);
    socket_ = std::make_unique<drivers::WebSocketClient>(
        user_.surroundings.websockets, static_cast<drivers::WebSocketEvents&>(*this), message.url, message_limit);
    const drivers::WebSocketRequest request{&message.url, message.headers, action.subprotocols, action.deflate};
    drivers::Opening opening;
    co_await socket_->open(request, {times.begin, times.begin + step.timeout}, opening);
    result.sample = sample_of(step, times, opening, opening.failure.kind, opening.status);
    user_.surroundings.recorder.record(result.sample);
    if (opening.failure) {
        user_.surroundings.examples.note(step.id, opening.failure.kind, opening.failure.text);
        co_return;
    }
    talk_.emplace(user_, step, *socket_, now());
    if (action.reads) {
        socket_->start_reading();
    }
}

wire::Flow<> WebSocketPerformer::hold(std::optional<Instant> until)
{
    auto& talk = *talk_;
    const auto& step = talk.step();
    const Instant patience = now() + step.timeout; // for messages that are expected, without a time to hold
    while (!aborted_ && !socket_->is_over() && !socket_->has_server_closed()) {
        const auto time = now();
        const bool last = is_ending() || (until && time >= *until);
        talk.run(time, last);
        const bool awaits_messages = !until && !last && talk.awaits_messages() && time < patience;
        const bool over = last || (!until && talk.is_all_said());
        if (talk.failure() == ErrorKind::body || (over && !talk.awaits_answers() && !awaits_messages)) {
            break;
        }
        auto next = std::min(talk.next(last), time + longest_sleep);
        next = until && !last ? std::min(next, *until) : next;
        next = awaits_messages ? std::min(next, patience) : next;
        co_await pause_.until(next);
    }
}

bool WebSocketPerformer::leave_at_once()
{
    auto& talk = *talk_;
    if (aborted_) {
        talk.give_up(ErrorKind::cancelled, "the WebSocket was given up at the end of the phase", now(), true);
        return true;
    }
    if (socket_->is_over() || socket_->has_server_closed()) {
        end_broken();
        return true;
    }
    const auto& shares = talk.action().leave;
    const double drawn = user_.random.uniform();
    if (!is_ending() && talk.failure() != ErrorKind::body) {
        talk.judge_messages(now());
    }
    if (drawn < shares.normal) {
        return false;
    }
    if (drawn < shares.normal + shares.abrupt) {
        socket_->reset();
    } else {
        socket_->vanish();
    }
    return true;
}

void WebSocketPerformer::end_broken()
{
    const auto time = now();
    const auto end = socket_->end();
    const Failure why = end ? end : Failure{ErrorKind::connection_closed, "the server closed the WebSocket"};
    talk_->give_up(why.kind, why.text, time, false);
    talk_->record(talk_->action().close_part, time, time, time, why);
}

// All users who hold a socket may leave it at once: their frames are to be no larger than those in which they held it.
wire::Flow<> WebSocketPerformer::leave_normally()
{
    socket_->start_reading();
    const auto begin = now();
    user_.surroundings.recorder.begun(talk_->step().first_part + talk_->action().close_part, Duration::zero());
    socket_->begin_close();
    Instant until = begin + talk_->step().timeout;
    while (!aborted_ && !socket_->is_over() && !socket_->has_server_closed() && now() < until) {
        co_await pause_.until(until);
    }
    until = record_close(begin) + longest_wait_for_end;
    while (!aborted_ && !socket_->is_over() && socket_->has_server_closed() && now() < until) {
        co_await pause_.until(until);
    }
}

Instant WebSocketPerformer::record_close(Instant begin)
{
    Failure failure;
    if (aborted_) {
        failure = {ErrorKind::cancelled, "the closing handshake was given up at the end of the phase"};
    } else if (!socket_->has_server_closed()) {
        failure = socket_->is_over()
                      ? socket_->end()
                      : Failure{ErrorKind::timeout, "the closing handshake took longer than the step's timeout"};
    }
    const auto end = now();
    talk_->record(talk_->action().close_part, begin, begin, end, failure, !socket_->has_server_closed());
    return end;
}

wire::Flow<> WebSocketPerformer::drain()
{
    socket_->close();
    while (socket_->is_busy()) {
        co_await pause_.until(now() + longest_sleep);
    }
}

wire::Flow<> WebSocketPerformer::back_off(const scenario::WebSocketStep::Reconnect& reconnect, int attempt)
{
    auto longest = reconnect.backoff.low;
    for (int doubled = 1; doubled < attempt && longest < reconnect.backoff.high; ++doubled) {
        longest *= 2;
    }
    longest = std::min(longest, reconnect.backoff.high);
    const auto until = now() + Duration(user_.random.between(longest.count() / 2, longest.count()));
    while (!is_ending() && now() < until) {
        co_await pause_.until(until);
    }
}

void WebSocketPerformer::on_message(std::string_view payload, bool text)
{
    talk_->message_came(payload, text, now());
    pause_.cancel();
}

void WebSocketPerformer::on_pong(std::string_view payload)
{
    talk_->pong_came(payload, now());
    pause_.cancel();
}

} // namespace squall::engine
