// Notes by key in a SQLite file, with a lock file beside it: what the target's MCP tools work on.
#pragma once

#include "base/result.hpp"

#include <memory>
#include <optional>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace squall::target {

/// Where a defect changes how they are kept.
struct NotesSeams {
    bool closes = true; // the database is closed, and the lock file removed, at the end
};

/// One connection in WAL mode. While one is open, FILE.lock holds this process's number: a file of another process that
/// lives is respected, one of a dead process taken over. Closing it takes the lock file, FILE-wal and FILE-shm away.
class Notes {
public:
    /// Creates the file, and folders on the way to it, where they are missing.
    [[nodiscard]] static Result<std::unique_ptr<Notes>> open(const std::string& file, NotesSeams seams);
    ~Notes();
    Notes(const Notes&) = delete;
    Notes& operator=(const Notes&) = delete;

    Result<void> remember(const std::string& key, const std::string& text);
    /// Nothing for a key that is not known.
    Result<std::optional<std::string>> recall(const std::string& key);

private:
    Notes(std::string lock, NotesSeams seams) : lock_(std::move(lock)), seams_(seams) {}
    Result<void> open_database(const std::string& file);
    Result<sqlite3_stmt*> prepare(const char* sql);

    std::string lock_;
    NotesSeams seams_;
    sqlite3* database_ = nullptr;
    sqlite3_stmt* remember_ = nullptr;
    sqlite3_stmt* recall_ = nullptr;
};

} // namespace squall::target
