// The inside of a PostgresClient: libpq's state machine driven by waits of a flow.
#pragma once

#include "drivers/failure.hpp"
#include "drivers/postgres_client.hpp"
#include "wire/postgres_connection_state.hpp"

#include <set>
#include <string>
#include <vector>

namespace squall::drivers {

/// A connection string, parsed and its hosts looked up once.
struct PostgresTarget {
    wire::PostgresParameters parameters;
    bool resolved = false;
    /// One address over TCP: each attempt of libpq to connect is seen as such.
    [[nodiscard]] bool is_single() const;
};

/// Shared with a perform() that is still under way when the client is destroyed. Its time is the operation's deadline.
struct PostgresClient::State final : private wire::TimedAction {
    explicit State(PostgresContext& context) : context_(context), watch_(context.events.readiness) {}
    ~State() override { drop(); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    static wire::Flow<> perform(std::shared_ptr<State> self, const PostgresRequest& request,
                                PostgresExchange& exchange);
    void close();

    std::unique_ptr<PGconn, wire::FinishConnection> connection;
    wire::ResultPointer answer;
    std::string payload; // of the last notification that counted

private:
    enum class Abort { none, deadline, closed };
    enum class Stage { resolving, connecting, handshaking, exchanging, listening };
    struct Notification {
        std::string channel;
        std::string payload;
    };

    wire::Flow<Failure> exchange(const PostgresRequest& request, PostgresExchange& exchange);
    wire::Flow<Failure> open(const PostgresRequest& request, PostgresExchange& exchange);
    wire::Flow<Failure> look_up(PostgresTarget& target);
    wire::Flow<Failure> handshake(const PostgresTarget& target, PostgresExchange& exchange);
    /// Until libpq can go on with connecting.
    wire::Flow<error_code> await_step(PostgresPollingStatusType next, bool single);

    [[nodiscard]] bool wants_other_timeout(const PostgresRequest& request) const;
    [[nodiscard]] bool is_unprepared(const PostgresStatement& statement) const;
    [[nodiscard]] bool needs_preparing(const PostgresRequest& request) const;
    /// What the statements need beforehand: the statement timeout, and to be prepared.
    wire::Flow<Failure> prepare(const PostgresRequest& request);
    [[nodiscard]] bool send(const PostgresRequest& request, PostgresExchange& exchange);
    [[nodiscard]] bool send(const PostgresStatement& statement, bool in_pipeline);
    wire::Flow<Failure> flush();
    /// Waits where nothing has come, and lets libpq read once.
    wire::Flow<Failure> read_some(PostgresExchange* exchange);
    /// All results up to the end of one statement's. An error of the server's is a Failure; the connection is closed
    /// where it cannot go on.
    wire::Flow<Failure> collect(CopyRows* rows, PostgresExchange* exchange);
    wire::Flow<Failure> collect_pipeline(std::size_t statements, PostgresExchange& exchange);
    void take(wire::ResultPointer result, PostgresExchange* exchange);
    wire::Flow<Failure> copy(ExecStatusType direction, CopyRows* rows, PostgresExchange* exchange);
    wire::Flow<Failure> copy_in(CopyRows& rows, PostgresExchange& exchange);
    wire::Flow<Failure> copy_out(PostgresExchange& exchange);

    wire::Flow<Failure> await_notifications(const PostgresListen& listen, PostgresExchange& exchange);
    wire::Flow<Failure> subscribe(std::string_view channel);
    /// Takes what counts of what has come; true when that is enough.
    bool take_notifications(const PostgresListen& listen, PostgresExchange& exchange);

    /// More has come than libpq has read.
    [[nodiscard]] std::size_t unread() const;
    /// Bytes that have come over the connection, about; libpq does not tell how much it has read.
    [[nodiscard]] std::uint64_t received() const;
    void pass(PostgresExchange& exchange, Duration& phase) const;
    /// Why the connection broke.
    Failure lost();
    [[nodiscard]] Failure abort_failure() const;
    void abort(Abort reason);
    void drop();
    void arm_deadline(Instant deadline);
    void on_time() override;

    PostgresContext& context_;
    wire::Watch watch_;
    std::string database_; // of the connection
    std::set<std::string, std::less<>> prepared_;
    std::optional<Duration> statement_timeout_; // as set on the connection
    std::set<std::string, std::less<>> channels_;
    std::vector<Notification> notifications_; // that nobody waited for yet
    std::uint64_t seen_waiting_ = 0;
    unsigned reads_ = 0;
    bool fresh_ = false; // sent, and nothing read since
    asio::cancellation_signal lookup_cancel_;
    Instant deadline_;
    Instant timer_at_; // while the timer runs
    bool performing_ = false;
    Abort abort_ = Abort::none;
    Stage stage_ = Stage::exchanging;
};

} // namespace squall::drivers
