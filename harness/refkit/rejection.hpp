// Why a guard (breaker, limiter, shedder) did not let a call through. Cheap: nothing is allocated, nothing thrown.
#pragma once

#include "base/time.hpp"
#include "refkit/error.hpp"

#include <boost/system/result.hpp>

#include <optional>
#include <stdexcept>

namespace squall::refkit {

struct Rejection {
    Errc error;
    std::optional<Duration> retry_after; // a call after this long may pass; nothing: nobody can say

    [[nodiscard]] boost::system::error_code code() const { return make_error_code(error); }
};

/// Found by Boost.System when .value() is called on a rejection.
[[noreturn]] inline void throw_exception_from_error(const Rejection& rejection, const boost::source_location&)
{
    throw std::runtime_error(rejection.code().message());
}

template <typename Permit>
using Admission = boost::system::result<Permit, Rejection>;

/// A refusal made where it is returned: copied halves of it would have to wait for each other in the processor.
template <typename Permit>
[[nodiscard]] Admission<Permit> rejected(Errc error, std::optional<Duration> retry_after)
{
    return retry_after ? Admission<Permit>(boost::system::in_place_error, error, *retry_after)
                       : Admission<Permit>(boost::system::in_place_error, error, std::nullopt);
}

/// What broken parameters do to a constructor: std::invalid_argument with the message of the type's check().
inline void require_valid(const Result<void>& checked)
{
    if (!checked) {
        throw std::invalid_argument(checked.error().message);
    }
}

/// `at` + `by`, at most the last instant that there is.
[[nodiscard]] constexpr Instant saturating_add(Instant at, Duration by)
{
    return by > Duration::zero() && at > Instant::max() - by ? Instant::max() : at + by;
}

} // namespace squall::refkit
