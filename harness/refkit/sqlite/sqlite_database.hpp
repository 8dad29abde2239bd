// One sqlite3 handle, asked synchronously: what a connection's thread does.
#pragma once

#include "refkit/sqlite/sqlite_values.hpp"

#include <mutex>
#include <string>
#include <vector>

struct sqlite3;

namespace squall::refkit {

/// Who says whether it is worth going on. Called on the database's thread.
class SqlitePatience {
public:
    virtual ~SqlitePatience() = default;
    /// Nobody waits for the answer any more.
    [[nodiscard]] virtual bool over() = 0;
    /// Waits a moment for another connection's lock, the longer the more often it has; false when it is over.
    virtual bool wait_for_lock(int times_before) = 0;
};

/// On one thread, but for interrupt(). `patience` outlives it; it is asked while statements run, so that none outlasts
/// it by more than a step of SQLite's that cannot be interrupted (a write to the disk, a function of the user's).
class SqliteDatabase {
public:
    explicit SqliteDatabase(SqlitePatience& patience) : patience_(patience) {}
    ~SqliteDatabase() { close(); }
    SqliteDatabase(const SqliteDatabase&) = delete;
    SqliteDatabase& operator=(const SqliteDatabase&) = delete;

    /// Fails also where the file is no database, which SQLite itself says no sooner than at the first question.
    SqliteResult<void> open(const SqliteOpening& opening);
    /// One statement after the other, each with all `parameters`.
    SqliteResult<SqliteRows> query(const std::string& sql, const std::vector<SqliteValue>& parameters);
    SqliteResult<SqliteChange> execute(const std::string& sql, const std::vector<SqliteValue>& parameters);
    /// Out of any transaction.
    SqliteResult<void> roll_back();
    void close();

    [[nodiscard]] bool is_open() const { return handle_ != nullptr; }
    [[nodiscard]] bool in_transaction() const;
    /// After an error behind which nothing can be trusted.
    [[nodiscard]] bool lost() const { return lost_; }

    /// From any thread, at any time: what runs fails soon. Nothing happens where nothing runs.
    void interrupt();

private:
    struct Statement;

    SqliteResult<void> use_write_ahead_log();
    SqliteResult<void> run(const std::string& sql, const std::vector<SqliteValue>& parameters, SqliteRows* answer);
    SqliteResult<void> run_one(Statement& statement, const std::vector<SqliteValue>& parameters, SqliteRows* answer);
    SqliteError failed(int code);

    SqlitePatience& patience_;
    std::mutex life_; // of handle_, which only its thread changes, for interrupt()
    sqlite3* handle_ = nullptr;
    bool lost_ = false;
};

} // namespace squall::refkit
