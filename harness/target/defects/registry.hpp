// The target's bugs, each behind its name and off by default: what a "before" run switches on.
#pragma once

#include "base/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace squall::target {

struct NotesSeams;
struct Service;

struct Defect {
    std::string_view name;
    std::string_view description;
    void (*install)(Service& service);                     // changes how the service works, before it serves
    void (*install_in_notes)(NotesSeams& seams) = nullptr; // the same of a server over stdio; null: it has no such bug
};

/// In the order in which they are installed.
[[nodiscard]] std::span<const Defect> defects();

/// An unknown name is an error that lists the known ones.
[[nodiscard]] Result<void> check_defects(const std::vector<std::string>& names);
/// Installs those named, whatever the order and however often; check_defects() must have passed.
void install_defects(const std::vector<std::string>& names, Service& service);
/// Of a server over stdio; those that are none of its own change nothing.
void install_defects(const std::vector<std::string>& names, NotesSeams& seams);

/// defects/no_request_timeout.cpp
void install_no_request_timeout(Service& service);
/// defects/holds_connection_while_writing.cpp
void install_holds_connection_while_writing(Service& service);
/// defects/pool_bypass.cpp
void install_pool_bypass(Service& service);
/// defects/leak_on_auth_failure.cpp
void install_leak_on_auth_failure(Service& service);
/// defects/redis_connection_per_call.cpp
void install_redis_connection_per_call(Service& service);
/// defects/cache_without_bound.cpp
void install_cache_without_bound(Service& service);

/// defects/registry_never_forgets.cpp
void install_registry_never_forgets(Service& service);
/// defects/queues_without_bound.cpp
void install_queues_without_bound(Service& service);
/// defects/lock_left_behind.cpp
void install_lock_left_behind(Service& service);
void leave_lock_behind(NotesSeams& seams);
/// defects/connection_per_client.cpp
void install_connection_per_client(Service& service);

} // namespace squall::target
