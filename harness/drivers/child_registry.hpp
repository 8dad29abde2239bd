// Which children of the users' steps are alive, by service: asked by the thread that reads the gauges.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <mutex>
#include <set>
#include <vector>

namespace squall::drivers {

/// Thread-safe. Outlives everybody who starts children.
class ChildRegistry {
public:
    explicit ChildRegistry(std::size_t services) : alive_(services) {}

    void add(std::size_t service, pid_t pid)
    {
        const std::scoped_lock lock(mutex_);
        alive_.at(service).insert(pid);
    }
    void remove(std::size_t service, pid_t pid)
    {
        const std::scoped_lock lock(mutex_);
        alive_.at(service).erase(pid);
    }
    [[nodiscard]] std::vector<pid_t> alive(std::size_t service) const
    {
        const std::scoped_lock lock(mutex_);
        const auto& pids = alive_.at(service);
        return {pids.begin(), pids.end()};
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::set<pid_t>> alive_;
};

} // namespace squall::drivers
