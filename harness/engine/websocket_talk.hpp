// What is said on one open WebSocket and what has come of it: which answers are awaited, until when, and the samples.
#pragma once

#include "drivers/websocket_client.hpp"
#include "engine/performer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::engine {

/// Lives as long as its socket is open. Acts when run() is called, which is due at next().
class WebSocketTalk {
public:
    WebSocketTalk(const UserParts& user, const plan::Step& step, drivers::WebSocketClient& socket, Instant opened);

    [[nodiscard]] const plan::Step& step() const { return step_; }
    [[nodiscard]] const plan::WebSocketAction& action() const { return action_; }

    /// Sends what is due and gives up what is overdue. `last`: the time is over, nothing new is said.
    void run(Instant now, bool last);
    /// When run() has something to do next, at the latest.
    [[nodiscard]] Instant next(bool last) const;

    void message_came(std::string_view payload, bool text, Instant now);
    void pong_came(std::string_view payload, Instant now);

    /// All that was said has been said, where it is said once.
    [[nodiscard]] bool is_all_said() const;
    /// Something is awaited that has not come.
    [[nodiscard]] bool awaits_answers() const { return !echoes_.empty() || ping_.has_value(); }
    [[nodiscard]] bool awaits_messages() const
    {
        return received_ < action_.messages || (first_ && action_.first_message);
    }
    /// A first message that was not as expected, or too few messages: recorded. False when there is none.
    bool judge_messages(Instant now);

    /// What is still awaited ends with this error; `censored`: it might have come.
    void give_up(measure::ErrorKind kind, const std::string& why, Instant now, bool censored);

    /// A sample of a part of the step: 0 is the first.
    void record(std::uint32_t part, Instant intended, Instant start, Instant end, const drivers::Failure& failure,
                bool censored = false);
    /// The last failure that was recorded.
    [[nodiscard]] measure::ErrorKind failure() const { return failure_; }

private:
    struct Awaited {
        std::uint64_t number = 0;
        Instant intended;
        Instant sent;
    };

    void say(Instant intended, Instant now);
    void ping(Instant now);
    void append_id(std::uint64_t number, std::string& out) const;
    [[nodiscard]] std::optional<std::uint64_t> number_in(std::string_view payload) const;

    const UserParts& user_;
    const plan::Step& step_;
    const plan::WebSocketAction& action_;
    drivers::WebSocketClient& socket_;
    std::uint64_t nonce_ = 0; // in every ${ws.id}
    std::vector<Awaited> echoes_;
    std::optional<Awaited> ping_;
    std::optional<Instant> next_say_;
    std::optional<Instant> next_ping_;
    measure::ErrorKind failure_ = measure::ErrorKind::none;
    std::uint64_t said_ = 0;
    std::uint64_t received_ = 0;
    bool first_ = true; // no message has come yet
};

} // namespace squall::engine
