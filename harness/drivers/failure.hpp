// Error codes of the system, of OpenSSL and of the parser as the kinds that a result counts.
#pragma once

#include "measure/outcome.hpp"

#include <boost/system/error_code.hpp>

#include <string>
#include <string_view>

namespace squall::drivers {

/// What went wrong, for the result and for a person.
struct Failure {
    measure::ErrorKind kind = measure::ErrorKind::none;
    std::string text;

    [[nodiscard]] explicit operator bool() const { return kind != measure::ErrorKind::none; }
};

/// Looking up a name, or connecting; `peer` is host:port.
[[nodiscard]] Failure lookup_failure(const boost::system::error_code& error, std::string_view host);
[[nodiscard]] Failure connect_failure(const boost::system::error_code& error, std::string_view peer);
/// Sending or receiving; `answer_begun`: some bytes of the answer had come.
[[nodiscard]] Failure transfer_failure(const boost::system::error_code& error, bool answer_begun);
/// What Beast's parser said.
[[nodiscard]] Failure answer_failure(const boost::system::error_code& error);

/// The peer closed the connection in order.
[[nodiscard]] bool is_end(const boost::system::error_code& error);
/// The peer closed or reset the connection.
[[nodiscard]] bool is_disconnect(const boost::system::error_code& error);

} // namespace squall::drivers
