// The threads of an execution context's SQLite connections.
#pragma once

#include "refkit/sqlite/sqlite_worker.hpp"
#include "wire/task.hpp"

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

namespace squall::refkit {

/// Owns them, so that none is waited for by whoever closes its connection, and none outlives the context whose handlers
/// it posts. From any thread.
class SqliteThreads : public asio::execution_context::service {
public:
    static asio::execution_context::id id;

    explicit SqliteThreads(asio::execution_context& context) : service(context) {}
    static SqliteThreads& of(const asio::any_io_executor& executor);

    /// Runs the worker on a thread of its own; joined() is called on the executor after its end. Throws
    /// std::system_error when there is no thread to be had.
    void start(std::shared_ptr<SqliteWorker> worker, asio::any_io_executor executor, std::function<void()> joined);

private:
    struct Running {
        std::shared_ptr<SqliteWorker> worker;
        std::thread thread;
    };
    using Place = std::list<Running>::iterator;

    void shutdown() noexcept override;
    void join(Place place);

    std::mutex mutex_;
    std::list<Running> running_;
};

} // namespace squall::refkit
