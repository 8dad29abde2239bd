// Coroutine vocabulary of every room that uses Asio.
#pragma once

#include <boost/asio.hpp>

namespace squall {

namespace asio = boost::asio;
using boost::system::error_code;

/// A coroutine on an Asio executor. Take parameters by value; never capture in a coroutine lambda.
template <typename T>
using Task = asio::awaitable<T>;

/// Completes with an error code instead of throwing: `auto [error, n] = co_await socket.async_read_some(b,
/// use_result);`
constexpr auto use_result = asio::as_tuple(asio::use_awaitable);

} // namespace squall
