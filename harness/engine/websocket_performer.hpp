// WebSocket steps of one user: open, hold, leave, and open again where the scenario says so.
#pragma once

#include "drivers/websocket_client.hpp"
#include "engine/performer.hpp"
#include "engine/websocket_talk.hpp"
#include "wire/timers.hpp"
#include "wire/url.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace squall::engine {

/// The opening handshake is the step's own sample, recorded when it is over, however long the socket is then held.
/// Answers to what is said, to pings and to the closing handshake are samples of the step's parts; whatever breaks an
/// open socket is an error of the closing part. The result is `recorded`, its error the last that happened.
class WebSocketPerformer final : public Performer, private drivers::WebSocketEvents {
public:
    explicit WebSocketPerformer(const UserParts& user);

    wire::Flow<> perform(const plan::Step& step, StepTimes times, StepResult& result) override;
    void stop() override { pause_.cancel(); }
    void close() override;

private:
    /// Rendered, for the time of a step.
    struct Message {
        wire::Url url;
        std::vector<std::string> header_values;
        std::vector<std::pair<std::string_view, std::string_view>> headers;
    };

    /// Renders; false when it may not be opened, which the result then says.
    bool prepare(const plan::Step& step, StepTimes times, Message& message, StepResult& result) const;
    /// Why it may not be opened; empty: it may.
    std::string render(const plan::WebSocketAction& action, Message& message) const;
    wire::Flow<> open(const plan::Step& step, const Message& message, StepTimes times, StepResult& result);
    wire::Flow<> hold(std::optional<Instant> until);
    /// False when it is to be left with the closing handshake.
    bool leave_at_once();
    wire::Flow<> leave_normally();
    /// How the closing handshake went; gives its end.
    Instant record_close(Instant begin);
    /// Waits until no flow of the socket runs any more.
    wire::Flow<> drain();
    /// Waits before attempt number `attempt`, from 1.
    wire::Flow<> back_off(const scenario::WebSocketStep::Reconnect& reconnect, int attempt);
    void end_broken();

    [[nodiscard]] bool is_ending() const { return aborted_ || user_.stopping; }
    [[nodiscard]] Instant now() const { return user_.surroundings.clock.now(); }

    void on_message(std::string_view payload, bool text) override;
    void on_pong(std::string_view payload) override;
    void on_change() override { pause_.cancel(); }

    const UserParts& user_;
    wire::Pause pause_;
    std::unique_ptr<drivers::WebSocketClient> socket_; // null: none is open
    std::optional<WebSocketTalk> talk_;                // of the open socket
    bool aborted_ = false;
};

} // namespace squall::engine
