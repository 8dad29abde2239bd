// A Stream under its owner's deadline: connecting and TLS measured apart, and every way to fail named.
#pragma once

#include "base/time.hpp"
#include "drivers/failure.hpp"
#include "drivers/stream.hpp"
#include "measure/sample.hpp"
#include "wire/thread_events.hpp"

namespace squall::drivers {

/// For drivers of one connection that are their own protocol. Single-threaded; one operation at a time, between begin()
/// and end(); must outlive it.
class TimedStream final : private wire::TimedAction {
public:
    TimedStream(wire::ThreadEvents& events, const Clock& clock) : events_(events), clock_(clock) {}
    ~TimedStream() override { close(); }
    TimedStream(const TimedStream&) = delete;
    TimedStream& operator=(const TimedStream&) = delete;

    /// Whom to connect to from now on; closes a connection to anybody else.
    void aim(const std::string& host, std::uint16_t port, bool secure);
    [[nodiscard]] bool is_open() const { return stream_ && stream_->is_open(); }
    [[nodiscard]] bool is_secure() const { return secure_; }
    /// host:port, for messages.
    [[nodiscard]] std::string peer() const;

    void begin(Instant deadline);
    void end() { busy_ = false; }
    [[nodiscard]] bool busy() const { return busy_; }

    /// Looks the name up, connects, and shakes hands over TLS; `passed` is the time up to which phases are accounted
    /// for. The connection is closed when it fails, and otherwise counts as open from `stream().established()` on.
    wire::Flow<Failure> open(TlsContext tls, measure::PhaseTimes& phases, Instant& passed);
    /// Bytes go through it once it is open.
    [[nodiscard]] Stream& stream() { return *stream_; }

    /// Deadline passed, or closed from elsewhere: to be asked after each await.
    [[nodiscard]] bool interrupted() const { return reason_ != Reason::none; }
    /// What ended the operation early, else what the transfer's error says. Closes the connection.
    Failure broken(const error_code& error, bool answer_begun);

    /// Ends the connection, and an operation under way, which fails as `cancelled`.
    void close();

private:
    enum class Reason { none, deadline, closed };
    enum class Stage { resolving, connecting, handshaking, exchanging };

    wire::Flow<Failure> look_up();
    [[nodiscard]] Failure interruption() const;
    void interrupt(Reason reason);
    void pass(Duration& phase, Instant& passed) const;
    void arm(Instant deadline);
    void on_time() override;

    wire::ThreadEvents& events_;
    const Clock& clock_;
    std::unique_ptr<Stream> stream_; // null before the first aim()
    bool secure_ = false;
    asio::cancellation_signal lookup_cancel_;
    Instant deadline_;
    Instant timer_at_; // while the timer runs
    bool busy_ = false;
    Reason reason_ = Reason::none;
    Stage stage_ = Stage::exchanging;
};

} // namespace squall::drivers
