// Replies of Redis as JSON values, for steps that look at them.
#pragma once

#include "base/result.hpp"

#include <boost/json/fwd.hpp>

#include <string_view>

namespace squall::drivers {

/// Takes one reply off `bytes`, which RespScanner found to be whole; pushes of RESP3 before it are passed over unless
/// `messages`.
///
/// Simple and bulk strings, big numbers and verbatim strings (without their "txt:") are strings, integers and doubles
/// numbers (an infinity or NaN the string that came), nil is null; arrays, sets and pushes are arrays, maps objects
/// whose keys are texts. An error within an array is the object { "error": text }. Attributes are left out.
/// An error says that a reply is nested deeper than 32.
[[nodiscard]] Result<boost::json::value> take_reply(std::string_view& bytes, bool messages);

} // namespace squall::drivers
