#include "refkit/limiter/gcra_limiter.hpp"

namespace squall::refkit {

template class BasicGcraLimiter<asio::steady_timer>;

} // namespace squall::refkit
