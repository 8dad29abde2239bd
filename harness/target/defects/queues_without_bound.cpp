// The bug: what is to be sent to a member is queued until it has been taken, however much that is and however long it
// takes; the sweep that would end a member who reads nothing came only later.
#include "target/defects/registry.hpp"
#include "target/service.hpp"

namespace squall::target {

void install_queues_without_bound(Service& service)
{
    service.rooms.seams.bounds_queues = false;
    service.rooms.seams.sweeps = false;
}

} // namespace squall::target
