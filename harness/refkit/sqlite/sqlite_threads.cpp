#include "refkit/sqlite/sqlite_threads.hpp"

#include <pthread.h>

#include <csignal>
#include <utility>

namespace squall::refkit {
namespace {

/// Signals belong to the program's own threads.
void live(SqliteWorker& worker)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    pthread_setname_np(pthread_self(), "sqlite");
    worker.run();
}

} // namespace

asio::execution_context::id SqliteThreads::id;

SqliteThreads& SqliteThreads::of(const asio::any_io_executor& executor)
{
    return asio::use_service<SqliteThreads>(asio::query(executor, asio::execution::context));
}

void SqliteThreads::start(std::shared_ptr<SqliteWorker> worker, asio::any_io_executor executor,
                          std::function<void()> joined)
{
    const std::lock_guard lock(mutex_);
    const auto place = running_.insert(running_.end(), Running{std::move(worker), {}});
    try {
        place->thread = std::thread([this, place, executor = std::move(executor), joined = std::move(joined)] {
            live(*place->worker);
            // Joining takes no longer than a thread needs to return from here.
            asio::post(executor, [this, place, joined] {
                join(place);
                joined();
            });
        });
    } catch (...) {
        running_.erase(place);
        throw;
    }
}

void SqliteThreads::join(Place place)
{
    std::list<Running> ended;
    {
        const std::lock_guard lock(mutex_);
        ended.splice(ended.end(), running_, place);
    }
    ended.front().thread.join();
}

/// By the context's destructor: handlers are destroyed from now on, not called.
void SqliteThreads::shutdown() noexcept
{
    std::list<Running> left;
    {
        const std::lock_guard lock(mutex_);
        left.swap(running_);
    }
    for (const auto& running : left) {
        running.worker->stop();
    }
    for (auto& running : left) {
        running.thread.join();
    }
}

} // namespace squall::refkit
