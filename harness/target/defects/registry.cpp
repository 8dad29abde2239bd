#include "target/defects/registry.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace squall::target {
namespace {

constexpr std::array table{
    Defect{"pool_bypass", "every login opens a direct connection of its own (application_name meal-planner-auth)",
           &install_pool_bypass},
    Defect{"leak_on_auth_failure", "a login with a wrong password never gives its connection back",
           &install_leak_on_auth_failure},
    Defect{"redis_connection_per_call", "every call to Redis opens a connection and leaves it open",
           &install_redis_connection_per_call},
    Defect{"cache_without_bound", "what is cached in Redis stays there for ever", &install_cache_without_bound},
    Defect{"registry_never_forgets", "a WebSocket that ends without a close frame stays in its room, open for ever",
           &install_registry_never_forgets},
    Defect{"queues_without_bound", "messages pile up without end for a WebSocket that does not read",
           &install_queues_without_bound},
    Defect{"no_request_timeout", "a request that is never ended, or whose answer is never read, is waited for for ever",
           &install_no_request_timeout},
    Defect{"holds_connection_while_writing", "an export keeps its database connection until its answer has been read",
           &install_holds_connection_while_writing},
    Defect{"lock_left_behind", "the notes of MCP are never closed: the lock file and the write-ahead log stay",
           &install_lock_left_behind, &leave_lock_behind},
    Defect{"connection_per_client", "each MCP session over HTTP has a connection and a thread of its own, for ever",
           &install_connection_per_client},
};

} // namespace

std::span<const Defect> defects()
{
    return table;
}

Result<void> check_defects(const std::vector<std::string>& names)
{
    std::vector<std::string> known;
    for (const auto& defect : table) {
        known.emplace_back(defect.name);
    }
    for (const auto& name : names) {
        if (std::ranges::find(known, name) == known.end()) {
            const auto meant = closest_match(name, known);
            return fail("no defect is named \"{}\"{}; known: {}", name,
                        meant ? fmt::format(" (did you mean \"{}\"?)", *meant) : std::string(), join(known, ", "));
        }
    }
    return {};
}

void install_defects(const std::vector<std::string>& names, Service& service)
{
    for (const auto& defect : table) {
        if (std::ranges::find(names, defect.name) != names.end()) {
            defect.install(service);
        }
    }
}

void install_defects(const std::vector<std::string>& names, NotesSeams& seams)
{
    for (const auto& defect : table) {
        if (defect.install_in_notes != nullptr && std::ranges::find(names, defect.name) != names.end()) {
            defect.install_in_notes(seams);
        }
    }
}

} // namespace squall::target
