#include "drivers/vanished_sockets.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace squall::drivers {

void VanishedSockets::keep(int descriptor)
{
    descriptors_.push_back(descriptor);
    if (descriptors_.size() > most_) {
        reset_oldest();
    }
}

void VanishedSockets::release()
{
    while (!descriptors_.empty()) {
        reset_oldest();
    }
}

void VanishedSockets::reset_oldest()
{
    const linger at_once{1, 0};
    ::setsockopt(descriptors_.front(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(descriptors_.front());
    descriptors_.pop_front();
}

} // namespace squall::drivers
