// One SQLite connection for coroutines: the database is asked on a thread of its own, never on the executor.
//
// Threads: open() starts one (named "sqlite"; it takes no signals). close(), or the connection's end, tells it to end
// and waits for nothing; it is joined on the executor once it has. An execution context that ends first interrupts and
// joins those that are left. Members are for the connection's executor, one operation at a time, but for condition(),
// which is for everybody. Operations may outlive the connection.
//
// Deadlines: what is not done by then is interrupted, and SQLite given `grace_for_word` to say over what (a lock, a
// long statement); then the caller goes on, at the latest, whatever the disk does. The same when the coroutine is
// cancelled, without the grace. What was given up ends soon after; the next operation waits for that, within its own
// deadline. Waiting for the locks of others (SQLITE_BUSY) ends with the deadline, too, and never blocks anybody but the
// thread.
//
// Errors are values, with SQLite's message and extended code. As SQLite does, an interrupted INSERT, UPDATE or DELETE
// takes its whole transaction back.
#pragma once

#include "refkit/sqlite/sqlite_values.hpp"
#include "wire/task.hpp"

#include <memory>
#include <string>
#include <vector>

namespace squall::refkit {

constexpr Duration grace_for_word = std::chrono::milliseconds(50);

class SqliteConnection {
public:
    explicit SqliteConnection(const asio::any_io_executor& executor);
    ~SqliteConnection();
    SqliteConnection(SqliteConnection&&) noexcept;
    SqliteConnection& operator=(SqliteConnection&&) noexcept;

    /// Once. Says so when there is no such folder or file, or it is no database. On failure the connection is closed.
    Task<SqliteResult<void>> open(SqliteOpening opening, Instant deadline);

    /// The rows of the last of the statements in `sql`, all of them in memory; each takes all the parameters, by place.
    Task<SqliteResult<SqliteRows>> query(std::string sql, std::vector<SqliteValue> parameters, Instant deadline);
    /// The same for what rows do not matter of.
    Task<SqliteResult<SqliteChange>> execute(std::string sql, std::vector<SqliteValue> parameters, Instant deadline);
    /// Out of any transaction, once what was given up has ended; nothing to do where none is open.
    Task<SqliteResult<void>> roll_back(Instant deadline);

    struct Condition {
        bool open = false;           // nothing has happened behind which nothing can be trusted
        bool working = false;        // on something, or on what was given up
        bool in_transaction = false; // when it is not working
    };
    [[nodiscard]] Condition condition() const;

    /// At once; an operation that is under way fails.
    void close();
    /// The same, and waits until the file is closed and the thread gone; false when it is not by `deadline`.
    Task<bool> close_gently(Instant deadline);

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace squall::refkit
