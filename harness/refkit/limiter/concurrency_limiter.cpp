#include "refkit/limiter/concurrency_limiter.hpp"

namespace squall::refkit {

template class BasicConcurrencyLimiter<asio::steady_timer>;

} // namespace squall::refkit
