#include "refkit/error.hpp"

#include <string>

namespace squall::refkit {
namespace {

std::string_view sentence(Errc error)
{
    switch (error) {
    case Errc::pool_not_running:
        return "the pool is not running yet";
    case Errc::pool_cancelled:
        return "the pool was cancelled";
    case Errc::acquire_timeout:
        return "no connection became free before the deadline";
    case Errc::acquire_cancelled:
        return "waiting for a connection was cancelled";
    case Errc::queue_full:
        return "too many callers wait for a connection already";
    case Errc::pool_draining:
        return "the pool is shutting down";
    case Errc::no_connection_available:
        return "no connection is idle";
    case Errc::circuit_open:
        return "the circuit breaker is open";
    case Errc::rate_limited:
        return "the rate limit is reached";
    case Errc::concurrency_limited:
        return "too many calls run and wait already";
    case Errc::shed:
        return "the call was shed to relieve an overload";
    case Errc::load_failed:
        return "loading the value failed";
    case Errc::load_timeout:
        return "loading the value took too long";
    case Errc::room_full:
        return "the room is full";
    case Errc::registry_full:
        return "all rooms together are full";
    case Errc::registry_closed:
        return "the rooms are closing";
    }
    return "unknown error of the reference kit";
}

// Boost's category is never deleted through a pointer, and its destructor is protected: nothing is wrong here.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class Category final : public boost::system::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "squall.refkit"; }
    [[nodiscard]] std::string message(int value) const override
    {
        return std::string(sentence(static_cast<Errc>(value)));
    }
};
#pragma GCC diagnostic pop

} // namespace

std::string_view to_string(Errc error)
{
    switch (error) {
    case Errc::pool_not_running:
        return "pool_not_running";
    case Errc::pool_cancelled:
        return "pool_cancelled";
    case Errc::acquire_timeout:
        return "acquire_timeout";
    case Errc::acquire_cancelled:
        return "acquire_cancelled";
    case Errc::queue_full:
        return "queue_full";
    case Errc::pool_draining:
        return "pool_draining";
    case Errc::no_connection_available:
        return "no_connection_available";
    case Errc::circuit_open:
        return "circuit_open";
    case Errc::rate_limited:
        return "rate_limited";
    case Errc::concurrency_limited:
        return "concurrency_limited";
    case Errc::shed:
        return "shed";
    case Errc::load_failed:
        return "load_failed";
    case Errc::load_timeout:
        return "load_timeout";
    case Errc::room_full:
        return "room_full";
    case Errc::registry_full:
        return "registry_full";
    case Errc::registry_closed:
        return "registry_closed";
    }
    return "unknown";
}

const boost::system::error_category& error_category()
{
    static const Category category;
    return category;
}

boost::system::error_code make_error_code(Errc error)
{
    return {static_cast<int>(error), error_category()};
}

} // namespace squall::refkit
