#include "refkit/sqlite/sqlite_database.hpp"

#include <sqlite3.h>

#include <utility>

namespace squall::refkit {

struct SqliteDatabase::Statement {
    explicit Statement(sqlite3_stmt* prepared) : handle(prepared) {}
    ~Statement() { sqlite3_finalize(handle); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    sqlite3_stmt* handle;
};

namespace {

constexpr int steps_between_looks = 1000; // of SQLite's machine: some tens of microseconds

/// The lower byte of an extended code.
int primary(int code)
{
    return code & 0xff;
}

bool loses_connection(int code)
{
    switch (primary(code)) {
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_INTERNAL:
    case SQLITE_MISUSE:
        return true;
    default:
        return false;
    }
}

SqliteError::Kind kind_of(int code)
{
    switch (primary(code)) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return SqliteError::Kind::busy;
    case SQLITE_INTERRUPT:
        return SqliteError::Kind::cancelled;
    default:
        return loses_connection(code) ? SqliteError::Kind::broken : SqliteError::Kind::statement;
    }
}

struct Bind {
    sqlite3_stmt* statement;
    int place;

    int operator()(std::monostate) const { return sqlite3_bind_null(statement, place); }
    int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, place, value); }
    int operator()(double value) const { return sqlite3_bind_double(statement, place, value); }
    int operator()(const std::string& value) const
    {
        return sqlite3_bind_text64(statement, place, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    int operator()(const SqliteBlob& value) const
    {
        // An empty vector has no address, which would be NULL.
        return value.empty() ? sqlite3_bind_zeroblob(statement, place, 0)
                             : sqlite3_bind_blob64(statement, place, value.data(), value.size(), SQLITE_STATIC);
    }
};

SqliteValue column(sqlite3_stmt* statement, int place)
{
    switch (sqlite3_column_type(statement, place)) {
    case SQLITE_INTEGER:
        return sqlite3_column_int64(statement, place);
    case SQLITE_FLOAT:
        return sqlite3_column_double(statement, place);
    case SQLITE_TEXT: {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, place));
        return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, place)));
    }
    case SQLITE_BLOB: {
        const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement, place));
        return SqliteBlob(bytes, bytes + sqlite3_column_bytes(statement, place));
    }
    default:
        return std::monostate();
    }
}

std::vector<SqliteValue> row_of(sqlite3_stmt* statement, int width)
{
    std::vector<SqliteValue> row;
    row.reserve(static_cast<std::size_t>(width));
    for (int place = 0; place < width; ++place) {
        row.push_back(column(statement, place));
    }
    return row;
}

} // namespace

SqliteResult<void> SqliteDatabase::open(const SqliteOpening& opening)
{
    const auto refused = [&](const SqliteError& error) {
        const bool final = error.kind == SqliteError::Kind::broken || error.kind == SqliteError::Kind::statement;
        return SqliteError{final ? SqliteError::Kind::refused : error.kind, error.code,
                           fmt::format("cannot open {}: {}", opening.file, error.message)};
    };
    const int how =
        opening.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | (opening.create ? SQLITE_OPEN_CREATE : 0);
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(opening.file.c_str(), &handle,
                                     how | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE, nullptr);
    {
        const std::lock_guard lock(life_);
        handle_ = handle;
    }
    if (code != SQLITE_OK) {
        return refused(failed(code));
    }
    const auto busy = [](void* patience, int times) {
        return static_cast<SqlitePatience*>(patience)->wait_for_lock(times) ? 1 : 0;
    };
    const auto look = [](void* patience) { return static_cast<SqlitePatience*>(patience)->over() ? 1 : 0; };
    sqlite3_busy_handler(handle_, busy, &patience_);
    // Beside interrupt(), which is lost when it comes before the statement's first step.
    sqlite3_progress_handler(handle_, steps_between_looks, look, &patience_);
    auto good = run("SELECT count(*) FROM sqlite_schema", {}, nullptr);
    if (good && opening.write_ahead_log) {
        good = use_write_ahead_log();
    }
    if (good && !opening.first.empty()) {
        good = run(opening.first, {}, nullptr);
    }
    return good ? SqliteResult<void>() : SqliteResult<void>(refused(good.error()));
}

SqliteResult<void> SqliteDatabase::use_write_ahead_log()
{
    for (int times = 0;; ++times) {
        const auto answer = query("PRAGMA journal_mode = WAL", {});
        // The change of mode may be refused without the busy handler having been asked.
        if (!answer && answer.error().kind == SqliteError::Kind::busy && patience_.wait_for_lock(times)) {
            continue;
        }
        if (!answer) {
            return answer.error();
        }
        const auto* mode = answer->rows.empty() ? nullptr : std::get_if<std::string>(&answer->rows.front().front());
        if (mode == nullptr || *mode != "wal") {
            return SqliteError{SqliteError::Kind::refused, 0,
                               fmt::format("it cannot have a write-ahead log; its journal mode stays {}",
                                           mode == nullptr ? "unknown" : *mode)};
        }
        return {};
    }
}

SqliteResult<SqliteRows> SqliteDatabase::query(const std::string& sql, const std::vector<SqliteValue>& parameters)
{
    SqliteRows answer;
    const auto done = run(sql, parameters, &answer);
    return done ? SqliteResult<SqliteRows>(std::move(answer)) : SqliteResult<SqliteRows>(done.error());
}

SqliteResult<SqliteChange> SqliteDatabase::execute(const std::string& sql, const std::vector<SqliteValue>& parameters)
{
    const auto before = sqlite3_total_changes64(handle_);
    const auto done = run(sql, parameters, nullptr);
    if (!done) {
        return done.error();
    }
    return SqliteChange{sqlite3_total_changes64(handle_) - before, sqlite3_last_insert_rowid(handle_)};
}

SqliteResult<void> SqliteDatabase::roll_back()
{
    return in_transaction() ? run("ROLLBACK", {}, nullptr) : SqliteResult<void>();
}

void SqliteDatabase::close()
{
    sqlite3* handle = nullptr;
    {
        const std::lock_guard lock(life_);
        handle = std::exchange(handle_, nullptr);
    }
    sqlite3_close(handle);
}

bool SqliteDatabase::in_transaction() const
{
    return handle_ != nullptr && sqlite3_get_autocommit(handle_) == 0;
}

void SqliteDatabase::interrupt()
{
    const std::lock_guard lock(life_);
    if (handle_ != nullptr) {
        sqlite3_interrupt(handle_);
    }
}

SqliteResult<void> SqliteDatabase::run(const std::string& sql, const std::vector<SqliteValue>& parameters,
                                       SqliteRows* answer)
{
    const char* rest = sql.data();
    const char* const end = rest + sql.size();
    while (rest != end) {
        sqlite3_stmt* prepared = nullptr;
        const int code = sqlite3_prepare_v2(handle_, rest, static_cast<int>(end - rest), &prepared, &rest);
        if (code != SQLITE_OK) {
            return failed(code);
        }
        if (prepared == nullptr) {
            return {}; // nothing but blanks and comments to the end
        }
        Statement statement(prepared);
        auto done = run_one(statement, parameters, answer);
        if (!done) {
            return done;
        }
    }
    return {};
}

SqliteResult<void> SqliteDatabase::run_one(Statement& statement, const std::vector<SqliteValue>& parameters,
                                           SqliteRows* answer)
{
    const int wanted = sqlite3_bind_parameter_count(statement.handle);
    if (static_cast<std::size_t>(wanted) != parameters.size()) {
        return SqliteError{SqliteError::Kind::statement, 0,
                           fmt::format("the statement has {} parameters, {} were given", wanted, parameters.size())};
    }
    for (int place = 1; place <= wanted; ++place) {
        const auto& value = parameters[static_cast<std::size_t>(place - 1)];
        if (const int code = std::visit(Bind{statement.handle, place}, value); code != SQLITE_OK) {
            return failed(code);
        }
    }
    if (patience_.over()) { // a short one would not ask
        return SqliteError{SqliteError::Kind::cancelled, SQLITE_INTERRUPT, sqlite3_errstr(SQLITE_INTERRUPT)};
    }
    const int width = sqlite3_column_count(statement.handle);
    if (answer != nullptr) {
        *answer = {};
        for (int place = 0; place < width; ++place) {
            answer->columns.emplace_back(sqlite3_column_name(statement.handle, place));
        }
    }
    int code = sqlite3_step(statement.handle);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement.handle)) {
        if (answer != nullptr) {
            answer->rows.push_back(row_of(statement.handle, width));
        }
    }
    return code == SQLITE_DONE ? SqliteResult<void>() : SqliteResult<void>(failed(code));
}

SqliteError SqliteDatabase::failed(int code)
{
    lost_ = lost_ || loses_connection(code);
    return {kind_of(code), code, handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_)};
}

} // namespace squall::refkit
