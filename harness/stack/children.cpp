#include "stack/children.hpp"

#include "stack/process_table.hpp"
#include "stack/spawn.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace squall::stack {

Result<pid_t> Children::start(const SpawnRequest& request)
{
    auto pid = spawn_process(request);
    if (pid) {
        children_.push_back(Child{request, *pid, true, false, std::nullopt});
    }
    return pid;
}

std::vector<Ended> Children::reap()
{
    std::vector<Ended> ended;
    int status = 0;
    for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0; pid = ::waitpid(-1, &status, WNOHANG)) {
        const auto child = std::find_if(children_.begin(), children_.end(),
                                        [pid](const Child& each) { return each.alive && each.pid == pid; });
        if (child == children_.end()) {
            continue; // an orphan that was adopted
        }
        child->alive = false;
        // What the leader left behind in its group has no owner any more.
        ::kill(-pid, SIGKILL);
        ended.push_back(Ended{child->request.name, pid, WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                              WIFSIGNALED(status) ? WTERMSIG(status) : 0});
    }
    return ended;
}

void Children::stop_in_order()
{
    in_order_ = true;
}

void Children::hurry(Instant now)
{
    if (hurried_) {
        return;
    }
    hurried_ = true;
    for (Child& child : children_) {
        if (child.alive) {
            signal_child(child, child.request.hurry_signal);
            child.kill_at = std::min(child.kill_at.value_or(Instant::max()), now + hurry_grace);
        }
    }
}

void Children::tick(Instant now)
{
    for (Child& child : children_) {
        if (child.alive && !child.killed && child.kill_at && now >= *child.kill_at) {
            signal_child(child, SIGKILL);
            child.killed = true;
        }
    }
    if (!in_order_ || hurried_) {
        return;
    }
    const auto last = std::find_if(children_.rbegin(), children_.rend(), [](const Child& each) { return each.alive; });
    if (last != children_.rend() && !last->kill_at) {
        signal_child(*last, last->request.stop_signal);
        last->kill_at = now + last->request.grace;
    }
}

std::optional<Instant> Children::next_deadline() const
{
    std::optional<Instant> next;
    for (const Child& child : children_) {
        if (child.alive && !child.killed && child.kill_at) {
            next = std::min(next.value_or(Instant::max()), *child.kill_at);
        }
    }
    return next;
}

bool Children::any_alive() const
{
    return std::any_of(children_.begin(), children_.end(), [](const Child& child) { return child.alive; });
}

void Children::signal_child(const Child& child, int signal)
{
    // The group: a shell does not hand its signals on to what it runs.
    ::kill(-child.pid, signal);
}

bool Children::kill_descendants()
{
    const pid_t self = ::getpid();
    bool any = false;
    for (const ProcessStat& process : all_processes()) {
        if (process.parent == self && !process.is_dead()) {
            ::kill(process.pid, SIGKILL);
            any = true;
        }
    }
    return any;
}

} // namespace squall::stack
