// A folder for SQLite files, a pool over one of them, and what of both is left.
#pragma once

#include "refkit/pool/sqlite_adapter.hpp"

#include "catch.hpp"
#include "run_task.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace squall::testing {

/// Runs until somebody interrupts it.
constexpr const char* endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n";

class SqliteFolder {
public:
    SqliteFolder()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "squall-sqlite-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~SqliteFolder() { std::filesystem::remove_all(path_); }
    SqliteFolder(const SqliteFolder&) = delete;
    SqliteFolder& operator=(const SqliteFolder&) = delete;

    [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
    /// Descriptors of this process that lead into it.
    [[nodiscard]] int open_files() const
    {
        int count = 0;
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
            std::error_code gone;
            count += std::filesystem::read_symlink(entry, gone).string().starts_with(path_.string()) ? 1 : 0;
        }
        return count;
    }

private:
    std::filesystem::path path_;
};

/// Threads of connections in this process.
inline int sqlite_threads()
{
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream comm(entry.path() / "comm");
        std::string name;
        count += std::getline(comm, name) && name == "sqlite" ? 1 : 0;
    }
    return count;
}

/// Whether no more than `left` are there within 2 s. One that ends is no work that keeps the context running.
inline bool threads_end(asio::io_context& io, std::size_t left = 0)
{
    const auto end = in(std::chrono::seconds(2));
    while (sqlite_threads() > static_cast<int>(left) && std::chrono::steady_clock::now() < end) {
        io.restart();
        io.poll();
    }
    return sqlite_threads() == static_cast<int>(left);
}

/// A pool in WAL mode that runs until the test ends; then no thread and no descriptor may be left.
struct SqliteWorld {
    explicit SqliteWorld(refkit::PoolParams params = {},
                         refkit::SqliteOpening opening = {.file = {}, .write_ahead_log = true})
    {
        if (opening.file.empty()) {
            opening.file = folder.file("data.sqlite");
        }
        pool = std::make_unique<refkit::SqlitePool>(io->get_executor(), refkit::SqliteAdapter{opening},
                                                    std::move(params), Random(1));
        pool->async_run([this](error_code) { ended = true; });
    }
    ~SqliteWorld()
    {
        if (io && pool) {
            CHECK(run_task(*io, pool->drain(std::chrono::seconds(10))));
            CHECK(run_until(*io, [this] { return ended; }));
            CHECK(pool->stats().total == 0);
        }
        pool.reset();
        io.reset();
        CHECK(sqlite_threads() == 0);
        CHECK(folder.open_files() == 0);
    }
    SqliteWorld(const SqliteWorld&) = delete;
    SqliteWorld& operator=(const SqliteWorld&) = delete;

    refkit::SqlitePool::Loan take()
    {
        auto got = run_task(*io, pool->acquire());
        if (!got) {
            FAIL(got.error().code.message() << ": " << got.error().last_connect_error);
        }
        return std::move(*got);
    }
    refkit::SqliteResult<refkit::SqliteRows> query(refkit::SqlitePool::Loan& loan, const std::string& sql,
                                                   Duration patience = std::chrono::seconds(10))
    {
        return run_task(*io, loan->query(sql, {}, in(patience)));
    }
    void must(refkit::SqlitePool::Loan& loan, const std::string& sql)
    {
        const auto done = query(loan, sql);
        INFO(sql << ": " << (done ? "" : done.error().message));
        REQUIRE(done.has_value());
    }
    std::int64_t number(refkit::SqlitePool::Loan& loan, const std::string& sql)
    {
        const auto rows = query(loan, sql);
        INFO(sql << ": " << (rows ? "" : rows.error().message));
        REQUIRE(rows.has_value());
        return std::get<std::int64_t>(rows->rows.at(0).at(0));
    }
    /// Tells a connection from all others.
    void mark(refkit::SqlitePool::Loan& loan) { must(loan, "CREATE TEMP TABLE mark (x)"); }
    bool marked(refkit::SqlitePool::Loan& loan)
    {
        return number(loan, "SELECT count(*) FROM sqlite_temp_schema WHERE name = 'mark'") == 1;
    }

    SqliteFolder folder;
    std::unique_ptr<asio::io_context> io = std::make_unique<asio::io_context>();
    std::unique_ptr<refkit::SqlitePool> pool;
    bool ended = false;
};

inline refkit::PoolParams at_most(std::size_t max,
                                  refkit::ResetOnReturn reset_on_return = refkit::ResetOnReturn::rollback)
{
    refkit::PoolParams params;
    params.max = max;
    params.reset_on_return = reset_on_return;
    return params;
}

} // namespace squall::testing
