// The bug: the server ends by returning from its loop, and nobody remembers that the database has a file beside it that
// says who has it open, nor that a write-ahead log is only folded back by the last one who closes.
#include "target/defects/registry.hpp"
#include "target/notes.hpp"
#include "target/service.hpp"

namespace squall::target {

void leave_lock_behind(NotesSeams& seams)
{
    seams.closes = false;
}

void install_lock_left_behind(Service& service)
{
    leave_lock_behind(service.mcp.seams.notes);
}

} // namespace squall::target
