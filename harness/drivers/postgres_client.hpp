// The PostgreSQL connection of one virtual user: libpq, non-blocking, on the thread's own readiness and timers.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
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

namespace squall::drivers {

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

private:
    std::map<std::string, std::shared_ptr<PostgresTarget>, std::less<>> targets_;
};

/// Borrowed values: all must stay as they are until perform() has returned.
struct PostgresRequest {
    std::string_view database;           // a libpq URL or keyword string
    const char* sql = nullptr;           // null: only a connection is wanted
    const char* name = nullptr;          // prepared under this name, once a connection; null: not prepared
    std::span<const char* const> values; // `copies` times the parameters
    int copies = 1;                      // more than 1: all are sent as one pipeline, then the answers are read
    std::optional<Duration> statement_timeout = std::nullopt; // the server's own; nothing: as the server has it
    Instant start;                                            // now
    Instant deadline;                                         // of all of it; passed, the connection is closed
};

/// What came of it. `connecting` is TCP; `tls_handshaking` is TLS and the login; `sending` holds preparing and setting
/// the statement timeout where this was needed. Bytes are those of SQL, parameters and values.
struct PostgresExchange {
    Instant started;
    Instant ended;
    measure::ErrorKind error = measure::ErrorKind::none;
    std::string error_text;
    measure::PhaseTimes phases;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t rows = 0; // of all answers: that came, or that were changed
    bool new_connection = false;
    bool censored = false; // given up by us
};

/// One operation at a time. Opens its connection when it has none to that database, and keeps it.
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
