#include "refkit/sqlite/sqlite_worker.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace squall::refkit {
namespace {

constexpr Duration first_wait_for_lock = std::chrono::milliseconds(1);
constexpr Duration longest_wait_for_lock = std::chrono::milliseconds(20);

SqliteError closed()
{
    return {SqliteError::Kind::broken, 0, "the connection was closed"};
}

} // namespace

void SqliteWorker::run()
{
    while (const auto job = next()) {
        perform(*job);
    }
    database_.close();
}

void SqliteWorker::submit(std::shared_ptr<SqliteJob> job)
{
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_) {
            jobs_.push_back(std::move(job));
            news_.notify_all();
            return;
        }
    }
    finish(*job, closed());
}

void SqliteWorker::give_up(SqliteJob& job)
{
    const std::lock_guard lock(mutex_);
    job.given_up = true;
    if (current_.get() == &job) {
        database_.interrupt();
        news_.notify_all();
    }
}

void SqliteWorker::stop()
{
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    condition_.open = false;
    if (current_) {
        current_->given_up = true;
        database_.interrupt();
    }
    news_.notify_all();
}

SqliteWorker::Condition SqliteWorker::condition() const
{
    const std::lock_guard lock(mutex_);
    auto now = condition_;
    now.working = current_ != nullptr || !jobs_.empty();
    return now;
}

bool SqliteWorker::over()
{
    return current_->given_up || std::chrono::steady_clock::now() >= current_->deadline;
}

bool SqliteWorker::wait_for_lock(int times_before)
{
    const auto wished = std::min(longest_wait_for_lock, first_wait_for_lock * (1U << std::min(times_before, 10)));
    const auto until = std::min(current_->deadline, std::chrono::steady_clock::now() + wished);
    std::unique_lock lock(mutex_);
    const bool unwanted = news_.wait_until(lock, until, [this] { return current_->given_up.load(); });
    return !unwanted && until < current_->deadline;
}

std::shared_ptr<SqliteJob> SqliteWorker::next()
{
    std::unique_lock lock(mutex_);
    news_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (!stopping_) {
        current_ = std::move(jobs_.front());
        jobs_.pop_front();
        return current_;
    }
    const auto never_begun = std::exchange(jobs_, {});
    lock.unlock();
    for (const auto& job : never_begun) {
        finish(*job, closed());
    }
    return nullptr;
}

void SqliteWorker::perform(SqliteJob& job)
{
    SqliteResult<void> result;
    try {
        result = job.work(database_);
    } catch (const std::exception& thrown) { // no memory for the rows
        result = SqliteError{SqliteError::Kind::statement, 0, thrown.what()};
    }
    bool stopped = false;
    {
        const std::lock_guard lock(mutex_);
        current_.reset();
        stopped = stopping_;
        condition_.open = !stopping_ && database_.is_open() && !database_.lost();
        condition_.in_transaction = database_.in_transaction();
    }
    finish(job, stopped && !result ? SqliteResult<void>(closed()) : std::move(result));
}

void SqliteWorker::finish(SqliteJob& job, SqliteResult<void> result)
{
    job.result = std::move(result);
    job.done = true;
    job.ended();
}

} // namespace squall::refkit
