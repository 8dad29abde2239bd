// The bug: nobody thought of a client that begins a request and never ends it, or never reads its answer. Each keeps a
// connection of the service for ever.
#include "target/defects/registry.hpp"
#include "target/service.hpp"

namespace squall::target {

void install_no_request_timeout(Service& service)
{
    service.request_timeout.reset();
}

} // namespace squall::target
