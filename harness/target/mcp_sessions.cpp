#include "target/mcp_sessions.hpp"

#include <fmt/format.h>

namespace squall::target {

Result<std::string> McpSessions::begin()
{
    auto notes = seams.manager ? seams.manager(file_, seams.notes) : shared_notes();
    if (!notes) {
        return notes.error();
    }
    auto session = fmt::format("{:016x}{:016x}", random_(), random_());
    sessions_.emplace(session, std::move(*notes));
    return session;
}

std::shared_ptr<Notes> McpSessions::notes_of(const std::string& session) const
{
    const auto found = sessions_.find(session);
    return found == sessions_.end() ? nullptr : found->second;
}

void McpSessions::end(const std::string& session)
{
    if (seams.forgets) {
        sessions_.erase(session);
    }
}

Result<std::shared_ptr<Notes>> McpSessions::shared_notes()
{
    if (!shared_) {
        auto notes = Notes::open(file_, seams.notes);
        if (!notes) {
            return notes.error();
        }
        shared_ = std::move(*notes);
    }
    return shared_;
}

} // namespace squall::target
