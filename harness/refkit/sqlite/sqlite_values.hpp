// What is given to SQLite and what comes back: plain values.
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace squall::refkit {

using SqliteBlob = std::vector<std::byte>;
/// As SQLite's storage classes: NULL, INTEGER, REAL, TEXT, BLOB.
using SqliteValue = std::variant<std::monostate, std::int64_t, double, std::string, SqliteBlob>;

/// How a database is opened.
struct SqliteOpening {
    std::string file;             // a path, or a URI that begins with "file:"; ":memory:" is each connection's own
    bool create = true;           // a file that is missing is made; a folder is not
    bool read_only = false;       // never makes a file
    bool write_ahead_log = false; // journal_mode=WAL: readers and one writer do not wait for each other; stays in the
                                  // file. A file system, or a read-only file, that cannot have it is an error.
    std::string first{};          // statements after that, such as "PRAGMA foreign_keys = ON"
    std::optional<Duration> statement_timeout{}; // bounds each query() and execute(), whatever its deadline

    friend bool operator==(const SqliteOpening&, const SqliteOpening&) = default;
};

/// The last statement's answer.
struct SqliteRows {
    std::vector<std::string> columns;
    std::vector<std::vector<SqliteValue>> rows;
};

/// What statements changed, with their triggers and foreign keys.
struct SqliteChange {
    std::int64_t rows = 0;
    std::int64_t last_row_id = 0; // of the connection's last INSERT, whenever it was
};

/// Why something failed.
struct SqliteError {
    enum class Kind {
        refused,   // the database cannot be opened
        busy,      // another connection's lock, which waiting does not help against
        timeout,   // the deadline passed; `message` says over what, where SQLite told
        cancelled, // the coroutine was cancelled, or the statement interrupted
        statement, // SQLite does not take it: syntax, constraint, wrong number of parameters, disk full …
        broken,    // closed, or nothing more can be asked of it: I/O error, damaged file, no memory
    };
    Kind kind = Kind::broken;
    int code = 0; // SQLite's extended result code; 0 where it had no part in it
    std::string message;
};

template <typename T>
using SqliteResult = boost::system::result<T, SqliteError>;

/// Found by Boost.System when .value() is called on a failure.
[[noreturn]] inline void throw_exception_from_error(const SqliteError& error, const boost::source_location& /*where*/)
{
    throw std::runtime_error(error.message);
}

} // namespace squall::refkit
