// A value or an Error: what may fail in the world is data, not an exception.
#pragma once

#include <boost/system/result.hpp>
#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace squall {

/// A failure told to a person: what happened, to what, and what to do next.
/// Made by fail(), or Error::saying() for a text that is ready; never implicitly from a string, so that
/// Result<std::string> is unambiguous.
struct Error {
    Error() = default;
    [[nodiscard]] static Error saying(std::string text)
    {
        Error error;
        error.message = std::move(text);
        return error;
    }

    std::string message;
};

/// Result<T>: has_value(), value(), error(). Result<void> is a success without a value.
template <typename T>
using Result = boost::system::result<T, Error>;

/// fail("cannot open {}: {}", path, reason)
template <typename... Args>
[[nodiscard]] Error fail(fmt::format_string<Args...> format, Args&&... args)
{
    return Error::saying(fmt::format(format, std::forward<Args>(args)...));
}

/// Found by Boost.System when .value() is called on a failure.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location& /*where*/)
{
    throw std::runtime_error(error.message);
}

} // namespace squall
