#include "drivers/failure.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/error.hpp>
#include <fmt/format.h>

namespace squall::drivers {
namespace {

namespace asio = boost::asio;
namespace errc = boost::system::errc;
using boost::system::error_code;
using measure::ErrorKind;

/// File descriptors, ports or memory of this machine ran out: the generator's limit, not the target's.
bool is_local_limit(const error_code& error)
{
    return error == errc::too_many_files_open || error == errc::too_many_files_open_in_system ||
           error == errc::address_not_available || error == errc::no_buffer_space || error == errc::not_enough_memory;
}

} // namespace

bool is_end(const error_code& error)
{
    return error == asio::error::eof || error == asio::ssl::error::stream_truncated;
}

bool is_disconnect(const error_code& error)
{
    return is_end(error) || error == asio::error::connection_reset || error == asio::error::broken_pipe;
}

Failure lookup_failure(const error_code& error, std::string_view host)
{
    if (is_local_limit(error)) {
        return {ErrorKind::local_limit, fmt::format("cannot look up {}: {}", host, error.message())};
    }
    return {ErrorKind::dns, fmt::format("cannot look up {}: {}", host, error.message())};
}

Failure connect_failure(const error_code& error, std::string_view peer)
{
    ErrorKind kind = ErrorKind::connection_refused;
    if (is_local_limit(error)) {
        kind = ErrorKind::local_limit;
    } else if (error == asio::error::timed_out) {
        kind = ErrorKind::connect_timeout;
    } else if (is_disconnect(error)) {
        kind = ErrorKind::connection_reset;
    }
    return {kind, fmt::format("cannot connect to {}: {}", peer, error.message())};
}

Failure transfer_failure(const error_code& error, bool answer_begun)
{
    const auto* when = answer_begun ? "in the middle of the answer" : "before answering";
    if (is_end(error)) {
        return {ErrorKind::connection_closed, fmt::format("the server closed the connection {}", when)};
    }
    if (is_local_limit(error)) {
        return {ErrorKind::local_limit, error.message()};
    }
    return {ErrorKind::connection_reset, fmt::format("the connection broke {}: {}", when, error.message())};
}

Failure answer_failure(const error_code& error)
{
    namespace http = boost::beast::http;
    if (error == http::error::header_limit) {
        return {ErrorKind::response_too_large, "the answer's headers are larger than 64 KiB"};
    }
    if (error == http::error::body_limit) {
        return {ErrorKind::response_too_large, "the answer's body is larger than 64 MiB"};
    }
    if (error == http::error::partial_message || error == http::error::end_of_stream) {
        return {ErrorKind::connection_closed, "the server closed the connection in the middle of the answer"};
    }
    return {ErrorKind::malformed_response, fmt::format("the answer is not HTTP/1.1: {}", error.message())};
}

} // namespace squall::drivers
