// The harness's end of the keeper's socket.
#pragma once

#include "base/time.hpp"
#include "stack/protocol.hpp"
#include "stack/remains.hpp"
#include "stack/stack.hpp"
#include "wire/task.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>

namespace squall::stack {

/// A server runs until it is stopped; a job ends by itself, and that is no death.
enum class Purpose { server, job };

/// Used from its executor's thread. A coroutine of its own reads notices and shares the ownership; it ends when the
/// socket does. If the keeper dies unasked, that coroutine kills what is left of its session and removes the folders.
class KeeperClient {
public:
    /// Starts the process and waits for its first word.
    static Task<Result<std::shared_ptr<KeeperClient>>> launch(std::vector<std::string> command, std::string log,
                                                              std::shared_ptr<const Clock> clock);

    KeeperClient(asio::local::stream_protocol::socket socket, pid_t pid, std::shared_ptr<const Clock> clock);
    KeeperClient(const KeeperClient&) = delete;
    KeeperClient& operator=(const KeeperClient&) = delete;

    Task<Result<pid_t>> spawn(SpawnRequest request, Purpose purpose);
    /// The keeper removes the folder when all has ended; so does this side when the keeper was killed.
    Task<Result<void>> remove_at_end(std::string folder);
    Task<Result<void>> detach();
    /// RunningStack::stop().
    Task<Result<void>> stop();
    /// Closes the socket; the keeper stops everything on its own.
    void abandon();

    /// How a process ended, once it did.
    [[nodiscard]] std::optional<Ended> ended(const std::string& name) const;
    [[nodiscard]] bool is_connected() const { return connected_; }
    void on_death(std::function<void(const ServiceDeath&)> callback);

    /// Returns when the keeper said something, its socket closed, `until` passed, or the coroutine was cancelled.
    Task<void> wait_for_change(Instant until);

    [[nodiscard]] pid_t pid() const { return keeper_.pid; }
    [[nodiscard]] const std::vector<std::string>& folders() const { return folders_; }

private:
    static Task<void> listen(std::shared_ptr<KeeperClient> self);
    Task<void> clean_up();
    Task<Result<void>> send(const Request& request);
    Task<void> wait_until_finished(Instant until);
    void take(const Notice& notice);
    void announce(ServiceDeath death);
    void notify();
    [[nodiscard]] Duration total_grace() const;

    asio::local::stream_protocol::socket socket_;
    asio::steady_timer changed_;
    KeeperIdentity keeper_;
    std::shared_ptr<const Clock> clock_;
    LineBuffer lines_;
    std::map<std::string, Spawned> answers_;
    std::map<std::string, std::chrono::milliseconds> graces_;
    std::map<std::string, Ended> ended_;
    std::set<std::string> jobs_;
    std::vector<std::string> folders_;
    std::vector<ServiceDeath> untold_;
    std::function<void(const ServiceDeath&)> on_death_;
    std::string leftovers_; // what clean_up could not remove, told
    bool greeted_ = false;
    bool connected_ = true;
    bool finished_ = false; // the listening coroutine has ended
    bool stopping_ = false;
    bool detached_ = false;
    bool abandoned_ = false;
};

/// True once the running coroutine was asked to end.
Task<bool> is_cancelled();

} // namespace squall::stack
