// The bug: the handler gives its connection back only when its answer has been written, so that a client which reads
// slowly holds a database connection for as long as it likes.
#include "target/defects/registry.hpp"
#include "target/service.hpp"

namespace squall::target {

void install_holds_connection_while_writing(Service& service)
{
    service.holds_while_writing = true;
}

} // namespace squall::target
