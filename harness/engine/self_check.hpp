// Whether the harness itself leaks: what it holds before the first user and after the last.
#pragma once

#include "measure/journal.hpp"

#include <sys/types.h>

#include <map>
#include <set>
#include <string>

namespace squall::engine {

/// Of this process, as proc(5) tells it in /proc/self/fd and /proc/self/task/*/children.
struct Holdings {
    std::map<int, std::string> descriptors; // number → what it is: "socket:[1234]", "pipe:[5]", a path
    std::set<pid_t> children;               // living, or not waited for
};

/// From any thread; what other threads open meanwhile may or may not be in it.
[[nodiscard]] Holdings current_holdings();

/// What `after` holds that `before` did not. A number that now stands for another file counts: the one before was
/// closed, and this one was not.
[[nodiscard]] measure::SelfCheck compare(const Holdings& before, const Holdings& after);

} // namespace squall::engine
