// The bug: each client is given a manager of its own, with a connection to the database and a thread that looks after
// it, since neither may be shared; and when the client leaves, nobody tells the manager.
#include "target/defects/registry.hpp"
#include "target/service.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace squall::target {
namespace {

/// Waits for work that never comes.
class Manager {
public:
    explicit Manager(std::unique_ptr<Notes> notes)
        : notes_(std::move(notes)),
          thread_([](std::stop_token end) {
              std::mutex mutex;
              std::condition_variable_any work;
              std::unique_lock lock(mutex);
              work.wait(lock, end, [] { return false; });
          })
    {}

    [[nodiscard]] Notes& notes() { return *notes_; }

private:
    std::unique_ptr<Notes> notes_;
    std::jthread thread_;
};

} // namespace

void install_connection_per_client(Service& service)
{
    service.mcp.seams.forgets = false;
    service.mcp.seams.manager = [](const std::string& file, const NotesSeams& seams) -> Result<std::shared_ptr<Notes>> {
        auto notes = Notes::open(file, seams);
        if (!notes) {
            return notes.error();
        }
        auto manager = std::make_shared<Manager>(std::move(*notes));
        auto* shown = &manager->notes();
        return std::shared_ptr<Notes>(std::move(manager), shown);
    };
}

} // namespace squall::target
