// Who speaks MCP with the target over HTTP: a session each, from "initialize" to DELETE.
#pragma once

#include "base/random.hpp"
#include "target/notes.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace squall::target {

/// Where a defect changes how sessions are kept.
struct McpSeams {
    NotesSeams notes;
    /// The notes that a session works on.
    std::function<Result<std::shared_ptr<Notes>>(const std::string& file, const NotesSeams& seams)> manager;
    bool forgets = true; // a session that has ended
};

/// One thread. All sessions share one connection, opened when the first begins and closed at the end.
class McpSessions {
public:
    McpSessions(std::string file, Random random) : file_(std::move(file)), random_(random) {}

    /// A new session's id.
    [[nodiscard]] Result<std::string> begin();
    /// Null when there is no such session.
    [[nodiscard]] std::shared_ptr<Notes> notes_of(const std::string& session) const;
    void end(const std::string& session);
    [[nodiscard]] std::size_t size() const { return sessions_.size(); }
    [[nodiscard]] bool available() const { return !file_.empty(); }

    McpSeams seams;

private:
    Result<std::shared_ptr<Notes>> shared_notes();

    std::string file_;
    Random random_;
    std::shared_ptr<Notes> shared_;
    std::map<std::string, std::shared_ptr<Notes>> sessions_;
};

} // namespace squall::target
