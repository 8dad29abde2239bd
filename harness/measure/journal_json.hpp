// The records of the journal as JSON. Private to this room.
#pragma once

#include "measure/journal.hpp"

#include <boost/json.hpp>

namespace squall::measure {

[[nodiscard]] boost::json::object to_json(const JournalHeader& header);
[[nodiscard]] boost::json::object to_json(const SecondRecord& second);
[[nodiscard]] boost::json::object to_json(const Stamp& stamp);
[[nodiscard]] boost::json::object to_json(const EndRecord& end);

/// These throw boost::system::system_error or std::exception for a member that is missing or of another kind.
[[nodiscard]] JournalHeader header_from_json(const boost::json::object& json);
[[nodiscard]] SecondRecord second_from_json(const boost::json::object& json);
[[nodiscard]] Stamp stamp_from_json(const boost::json::object& json);
[[nodiscard]] EndRecord end_from_json(const boost::json::object& json);

} // namespace squall::measure
