// The PostgreSQL connection of one virtual user: libpq, non-blocking, on the thread's own readiness and timers.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "drivers/exchange.hpp"
#include "measure/sample.hpp"
#include "wire/flow.hpp"
#include "wire/thread_events.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace squall::drivers {

class PostgresPool;
struct PostgresTarget;

/// What the PostgreSQL clients of one engine thread share. Not thread-safe; must outlive its clients.
struct PostgresContext {
    PostgresContext(wire::ThreadEvents& thread_events, const Clock& run_clock,
                    std::function<bool(std::string_view host)> host_allowed);
    ~PostgresContext();
    PostgresContext(const PostgresContext&) = delete;
    PostgresContext& operator=(const PostgresContext&) = delete;

    wire::ThreadEvents& events;
    const Clock& clock;
    /// Asked before a host is contacted: DESIGN.md 9. Sockets' folders are local and not asked for.
    std::function<bool(std::string_view host)> may_contact;

    /// The parsed connection string; an error never shows a password.
    [[nodiscard]] Result<std::shared_ptr<PostgresTarget>> target(std::string_view database);

    /// So many connections to that database, shared by all who ask for the same.
    [[nodiscard]] PostgresPool& pool(std::string_view database, std::size_t size);
    /// When nobody uses one: closes the shared connections, whose timers would keep the thread.
    void close_shared();

private:
    std::map<std::pair<std::string, std::size_t>, std::unique_ptr<PostgresPool>> pools_;
    std::map<std::string, std::shared_ptr<PostgresTarget>, std::less<>> targets_;
};

/// All texts end with a zero.
struct PostgresStatement {
    const char* sql = nullptr;
    const char* name = nullptr;          // prepared under this name, once a connection; null: not prepared
    std::span<const char* const> values; // of $1, $2, …
};

/// The rows of a COPY … FROM STDIN.
class CopyRows {
public:
    CopyRows() = default;
    virtual ~CopyRows() = default;
    CopyRows(const CopyRows&) = delete;
    CopyRows& operator=(const CopyRows&) = delete;
    /// Appends the next row with its end of line; false where there is none.
    virtual bool append_next(std::string& out) = 0;
};

/// Notifications that are waited for, where the connection subscribes to the channel if it has not yet.
struct PostgresListen {
    std::string_view channel;
    std::string_view payload;        // only those that hold this text count
    std::uint64_t notifications = 1; // 0: only to be subscribed
};

/// Borrowed values: all must stay as they are until perform() has returned.
struct PostgresRequest {
    std::string_view database; // a libpq URL or keyword string
    /// Several are sent as one pipeline, then the answers are read. None: only a connection is wanted, or listening.
    std::span<const PostgresStatement> statements;
    CopyRows* rows = nullptr;                                 // what a COPY … FROM STDIN is given
    const PostgresListen* listen = nullptr;                   // instead of statements
    std::optional<Duration> statement_timeout = std::nullopt; // the server's own; nothing: as the server has it
    Instant start;                                            // now
    Instant deadline;                                         // of all of it; passed, the connection is closed
};

/// What came of it. `connecting` is TCP; `tls_handshaking` is TLS and the login; `sending` holds preparing and setting
/// the statement timeout where this was needed. Bytes are those of SQL, parameters, values, copied rows and payloads.
struct PostgresExchange : Exchange {
    measure::ErrorKind error = measure::ErrorKind::none;
    std::string error_text;
    std::uint64_t rows = 0; // of all answers: that came, were changed or copied; or notifications
    bool censored = false;  // given up by us
};

/// One operation at a time. Opens its connection when it has none to that database, and keeps it. Of what a COPY … TO
/// STDOUT sends nothing is kept; notifications that nobody waits for yet are, the last 10,000.
class PostgresClient {
public:
    explicit PostgresClient(PostgresContext& context);
    ~PostgresClient();
    PostgresClient(const PostgresClient&) = delete;
    PostgresClient& operator=(const PostgresClient&) = delete;

    wire::Flow<> perform(const PostgresRequest& request, PostgresExchange& exchange);

    /// Of the first row of the last answer, valid until forget_answer(): the column's text. Nothing: no such row or
    /// column, or NULL.
    [[nodiscard]] std::optional<std::string_view> value(const std::string& column) const;
    /// The payload of the last notification that counted; valid until forget_answer().
    [[nodiscard]] std::string_view payload() const;
    void forget_answer();

    [[nodiscard]] bool is_open() const;
    /// Inside a transaction, also a failed one.
    [[nodiscard]] bool in_transaction() const;
    /// Ends the connection at once; an operation under way ends soon, as cancelled.
    void close();

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace squall::drivers
