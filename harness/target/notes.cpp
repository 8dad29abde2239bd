#include "target/notes.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace squall::target {
namespace {

constexpr int patience_ms = 2000; // with another connection's write
constexpr int most_takeovers = 10;

/// Nothing when there is none, or what it says is no number.
std::optional<pid_t> owner_of(const std::string& lock)
{
    std::ifstream file(lock);
    pid_t owner = 0;
    return file >> owner ? std::optional(owner) : std::nullopt;
}

bool lives(pid_t process)
{
    return ::kill(process, 0) == 0 || errno == EPERM;
}

/// True when the file is made; false when there is one.
Result<bool> make_lock(const std::string& lock)
{
    const int file = ::open(lock.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file < 0 && errno == EEXIST) {
        return false;
    }
    if (file < 0) {
        return fail("cannot write {}: {}", lock, std::strerror(errno));
    }
    const auto text = fmt::format("{}\n", ::getpid());
    const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(file);
    return written ? Result<bool>(true) : fail("cannot write {}: {}", lock, std::strerror(errno));
}

Result<void> take_lock(const std::string& lock)
{
    for (int attempt = 0; attempt < most_takeovers; ++attempt) {
        const auto made = make_lock(lock);
        if (!made) {
            return made.error();
        }
        const auto owner = *made ? std::nullopt : owner_of(lock);
        if (*made || owner == ::getpid()) {
            return {};
        }
        if (owner && lives(*owner)) {
            return fail("{} says that process {} has the notes open", lock, *owner);
        }
        ::unlink(lock.c_str()); // its process is dead
    }
    return fail("{} comes again and again", lock);
}

} // namespace

Result<std::unique_ptr<Notes>> Notes::open(const std::string& file, NotesSeams seams)
{
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::absolute(file).parent_path(), error);
    const auto locked = take_lock(file + ".lock");
    if (!locked) {
        return locked.error();
    }
    std::unique_ptr<Notes> notes(new Notes(file + ".lock", seams));
    const auto opened = notes->open_database(file);
    if (!opened) {
        return opened.error();
    }
    return notes;
}

Notes::~Notes()
{
    if (!seams_.closes) {
        return;
    }
    sqlite3_finalize(remember_);
    sqlite3_finalize(recall_);
    sqlite3_close(database_);
    ::unlink(lock_.c_str());
}

Result<void> Notes::open_database(const std::string& file)
{
    if (sqlite3_open(file.c_str(), &database_) != SQLITE_OK) {
        return fail("cannot open {}: {}", file, sqlite3_errmsg(database_));
    }
    sqlite3_busy_timeout(database_, patience_ms);
    const char* sql = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                      "CREATE TABLE IF NOT EXISTS notes (key TEXT PRIMARY KEY, text TEXT NOT NULL)";
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        return fail("cannot prepare {}: {}", file, sqlite3_errmsg(database_));
    }
    const auto remember = prepare("INSERT INTO notes VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET text = ?2");
    const auto recall = prepare("SELECT text FROM notes WHERE key = ?1");
    if (!remember || !recall) {
        return remember ? recall.error() : remember.error();
    }
    remember_ = *remember;
    recall_ = *recall;
    return {};
}

Result<sqlite3_stmt*> Notes::prepare(const char* sql)
{
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) != SQLITE_OK) {
        return fail("{}", sqlite3_errmsg(database_));
    }
    return statement;
}

Result<void> Notes::remember(const std::string& key, const std::string& text)
{
    sqlite3_reset(remember_);
    sqlite3_bind_text(remember_, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
    sqlite3_bind_text(remember_, 2, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    const int code = sqlite3_step(remember_);
    sqlite3_reset(remember_);
    sqlite3_clear_bindings(remember_);
    if (code != SQLITE_DONE) {
        return fail("{}", sqlite3_errmsg(database_));
    }
    return {};
}

Result<std::optional<std::string>> Notes::recall(const std::string& key)
{
    sqlite3_reset(recall_);
    sqlite3_bind_text(recall_, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
    const int code = sqlite3_step(recall_);
    std::optional<std::string> text;
    if (code == SQLITE_ROW) {
        text.emplace(reinterpret_cast<const char*>(sqlite3_column_text(recall_, 0)),
                     static_cast<std::size_t>(sqlite3_column_bytes(recall_, 0)));
    }
    sqlite3_reset(recall_);
    sqlite3_clear_bindings(recall_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        return fail("{}", sqlite3_errmsg(database_));
    }
    return text;
}

} // namespace squall::target
