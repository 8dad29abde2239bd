// The values that the journal's JSON must give back to the last bit. Private to this room.
#pragma once

#include "measure/histogram.hpp"

#include <boost/json.hpp>

namespace squall::measure {

/// As a number where it reads back to the last bit, else as text: JSON has no word for what is not finite, which a
/// service's metrics may be, and Boost.JSON's parser may be off by one unit in the last place.
[[nodiscard]] boost::json::value number_json(double value);

/// null for an empty one; else its V2 form and what that cannot carry: minimum, maximum and sum in ns, and overflow.
[[nodiscard]] boost::json::value histogram_json(const Histogram& histogram);

/// These throw std::exception for what the functions above would not have written.
[[nodiscard]] double number_from(const boost::json::value& value);
[[nodiscard]] Histogram histogram_from(const boost::json::value& value);

} // namespace squall::measure
