#include "engine/websocket_talk.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace squall::engine {
namespace {

using drivers::Failure;
using measure::ErrorKind;

constexpr char id_end = 'q'; // so that 1 is not found in 17

using IdStart = std::array<char, 2 * sizeof(std::uint64_t) + 2>;

/// What every id of one socket begins with.
std::string_view start_of_id(std::uint64_t nonce, IdStart& text)
{
    const auto written = fmt::format_to_n(text.data(), text.size(), "q{:x}q", nonce);
    return {text.data(), static_cast<std::size_t>(written.out - text.data())};
}

std::string_view bytes_of(const std::uint64_t& number)
{
    return {reinterpret_cast<const char*>(&number), sizeof number}; // NOLINT: as bytes of a ping
}

} // namespace

WebSocketTalk::WebSocketTalk(const UserParts& user, const plan::Step& step, drivers::WebSocketClient& socket,
                             Instant opened)
    : user_(user),
      step_(step),
      action_(std::get<plan::WebSocketAction>(step.action)),
      socket_(socket)
{
    if (action_.say) {
        nonce_ = user.surroundings.websockets.random() >> 16U;
        next_say_ = opened;
    }
    if (action_.ping_every) {
        next_ping_ = opened + *action_.ping_every;
    }
}

void WebSocketTalk::run(Instant now, bool last)
{
    const Failure late{ErrorKind::timeout, "no answer to a message on the WebSocket within the step's timeout"};
    while (!echoes_.empty() && echoes_.front().sent + step_.timeout <= now) {
        const auto& overdue = echoes_.front();
        record(*action_.say->echo_part, overdue.intended, overdue.sent, now, late, true);
        echoes_.erase(echoes_.begin());
    }
    if (ping_ && ping_->sent + step_.timeout <= now) {
        record(action_.ping_part, ping_->intended, ping_->sent, now, late, true);
        ping_.reset();
    }
    // What the server does not take is not said yet, and late from when it should have been.
    while (!last && next_say_ && *next_say_ <= now && !socket_.is_congested() && !socket_.is_over()) {
        const auto intended = *next_say_;
        next_say_ = action_.say->every ? std::optional(intended + *action_.say->every) : std::nullopt;
        say(intended, now);
    }
    if (!last && next_ping_ && *next_ping_ <= now) {
        ping(now);
    }
}

Instant WebSocketTalk::next(bool last) const
{
    auto at = Instant::max();
    if (!last && next_say_ && !socket_.is_congested()) {
        at = std::min(at, *next_say_);
    }
    if (!last && next_ping_) {
        at = std::min(at, *next_ping_);
    }
    if (!echoes_.empty()) {
        at = std::min(at, echoes_.front().sent + step_.timeout);
    }
    if (ping_) {
        at = std::min(at, ping_->sent + step_.timeout);
    }
    return at;
}

bool WebSocketTalk::is_all_said() const
{
    return !next_say_ || action_.say->every;
}

void WebSocketTalk::say(Instant intended, Instant now)
{
    const auto& say = *action_.say;
    auto& scratch = user_.surroundings.scratch;
    const auto number = ++said_;
    scratch.clear();
    append_id(number, scratch);
    user_.memory.assign(say.id_slot, scratch);
    scratch.clear();
    plan::render(say.payload, user_.memory, user_.generators, scratch);
    auto& recorder = user_.surroundings.recorder;
    if (say.echo_part) {
        recorder.begun(step_.first_part + *say.echo_part, now - intended);
        echoes_.push_back({number, intended, now});
    }
    recorder.message_sent(step_.id, scratch.size());
    socket_.send(say.binary ? drivers::Opcode::binary : drivers::Opcode::text, scratch);
}

void WebSocketTalk::ping(Instant now)
{
    const auto intended = *next_ping_;
    while (*next_ping_ <= now) {
        *next_ping_ += *action_.ping_every;
    }
    if (ping_) {
        return; // the one before has not been answered
    }
    ping_ = Awaited{++said_, intended, now};
    user_.surroundings.recorder.begun(step_.first_part + action_.ping_part, now - intended);
    socket_.send(drivers::Opcode::ping, bytes_of(ping_->number));
}

void WebSocketTalk::append_id(std::uint64_t number, std::string& out) const
{
    IdStart start{};
    fmt::format_to(std::back_inserter(out), "{}{}{}", start_of_id(nonce_, start), number, id_end);
}

std::optional<std::uint64_t> WebSocketTalk::number_in(std::string_view payload) const
{
    IdStart start{};
    const auto id_start = start_of_id(nonce_, start);
    const auto at = payload.find(id_start);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const auto digits = payload.substr(at + id_start.size());
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool whole = error == std::errc{} && end != digits.data() + digits.size() && *end == id_end;
    return whole ? std::optional(number) : std::nullopt;
}

void WebSocketTalk::message_came(std::string_view payload, bool /*text*/, Instant now)
{
    user_.surroundings.recorder.message_received(step_.id, payload.size());
    ++received_;
    if (first_) {
        first_ = false;
        const auto& pattern = action_.first_message;
        if (pattern && !std::regex_search(payload.begin(), payload.end(), *pattern->regex)) {
            record(action_.close_part, now, now, now,
                   {ErrorKind::body, fmt::format("the first message does not match {}", pattern->source)});
        }
    }
    if (echoes_.empty()) {
        return;
    }
    const auto number = number_in(payload);
    const auto found = std::find_if(echoes_.begin(), echoes_.end(),
                                    [&](const Awaited& awaited) { return number && awaited.number == *number; });
    if (found != echoes_.end()) {
        record(*action_.say->echo_part, found->intended, found->sent, now, {});
        echoes_.erase(found);
    }
}

void WebSocketTalk::pong_came(std::string_view payload, Instant now)
{
    if (ping_ && payload == bytes_of(ping_->number)) {
        record(action_.ping_part, ping_->intended, ping_->sent, now, {});
        ping_.reset();
    }
}

bool WebSocketTalk::judge_messages(Instant now)
{
    if (!awaits_messages()) {
        return false;
    }
    const auto wanted = std::max<std::uint64_t>(action_.messages, 1);
    record(action_.close_part, now, now, now,
           {ErrorKind::body, fmt::format("{} messages came; expected at least {}", received_, wanted)});
    return true;
}

void WebSocketTalk::give_up(ErrorKind kind, const std::string& why, Instant now, bool censored)
{
    for (const auto& awaited : echoes_) {
        record(*action_.say->echo_part, awaited.intended, awaited.sent, now, {kind, why}, censored);
    }
    echoes_.clear();
    if (ping_) {
        record(action_.ping_part, ping_->intended, ping_->sent, now, {kind, why}, censored);
        ping_.reset();
    }
}

void WebSocketTalk::record(std::uint32_t part, Instant intended, Instant start, Instant end, const Failure& failure,
                           bool censored)
{
    measure::Sample sample;
    sample.step = step_.first_part + part;
    sample.intended = intended;
    sample.start = start;
    sample.end = end;
    sample.error = failure.kind;
    sample.phases.waiting = end - start;
    sample.censored = censored;
    user_.surroundings.recorder.record(sample);
    if (failure) {
        user_.surroundings.examples.note(sample.step, failure.kind, failure.text);
        failure_ = failure.kind;
    }
}

} // namespace squall::engine
