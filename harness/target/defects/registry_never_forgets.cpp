// The bug: the registry is cleaned up where a close frame is handled, and nowhere else: a connection that breaks, or
// falls silent, keeps its entry, its socket and its descriptor.
#include "target/defects/registry.hpp"
#include "target/service.hpp"

namespace squall::target {

void install_registry_never_forgets(Service& service)
{
    service.rooms.seams.forgets = [](bool in_order) { return in_order; };
    service.rooms.seams.sweeps = false;
}

} // namespace squall::target
