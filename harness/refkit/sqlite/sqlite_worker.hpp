// What one SQLite connection's thread does, and what others may tell it. No Asio.
#pragma once

#include "refkit/sqlite/sqlite_database.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace squall::refkit {

/// Something for the thread to do. `work` owns all that it needs: its caller may be gone.
struct SqliteJob {
    std::function<SqliteResult<void>(SqliteDatabase&)> work;
    Instant deadline;
    std::function<void()> ended; // called on the thread, when `done`

    std::atomic<bool> given_up = false;
    std::atomic<bool> done = false;
    SqliteResult<void> result; // before `done` the thread's, then its caller's
};

/// A queue of jobs and the database that they work on, one after the other. Nothing that others may call blocks.
class SqliteWorker : private SqlitePatience {
public:
    SqliteWorker() : database_(*this) {}

    /// The thread's life, until stop(); closes the database.
    void run();

    // From any thread.
    /// Jobs for a worker that was stopped fail at once.
    void submit(std::shared_ptr<SqliteJob> job);
    /// Nobody waits for it any more: it ends as soon as SQLite lets it.
    void give_up(SqliteJob& job);
    /// Gives up whatever is to be done; run() returns when SQLite lets it.
    void stop();

    struct Condition {
        bool open = false;           // a job has opened it, and nothing bad has happened since
        bool working = false;        // on a job, or has some to do
        bool in_transaction = false; // after the last job
    };
    [[nodiscard]] Condition condition() const;

private:
    bool over() override;
    bool wait_for_lock(int times_before) override;

    std::shared_ptr<SqliteJob> next();
    void perform(SqliteJob& job);
    static void finish(SqliteJob& job, SqliteResult<void> result);

    SqliteDatabase database_;
    mutable std::mutex mutex_; // of what follows
    std::condition_variable news_;
    std::deque<std::shared_ptr<SqliteJob>> jobs_;
    std::shared_ptr<SqliteJob> current_; // changed by the thread alone
    bool stopping_ = false;
    Condition condition_; // but for `working`
};

} // namespace squall::refkit
