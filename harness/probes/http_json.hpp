// Gauges out of a JSON document that a service serves.
#pragma once

#include "base/result.hpp"
#include "probes/probe.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace squall::probes {

/// `gauges`: gauge → JSON pointer (RFC 6901). One GET a reading over a connection of its own; the answer must have a
/// status of 200 to 299.
/// A number counts as it is, true and false as 1 and 0, an array as its length; anything else, and a pointer to
/// nothing, fails that gauge alone. Errors: a URL or pointer that is malformed.
[[nodiscard]] Result<std::unique_ptr<Probe>> make_http_json_probe(std::string name, std::string url,
                                                                  std::map<std::string, std::string> gauges,
                                                                  bool verify_tls = true);

/// The readings of `body` by the rules above, named "name.gauge".
[[nodiscard]] ProbeReading read_json_gauges(const std::string& name, std::string_view body,
                                            const std::map<std::string, std::string>& gauges);

} // namespace squall::probes
