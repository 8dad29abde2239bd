// Gauges out of a JSON document that a service serves.
#pragma once

#include "base/result.hpp"
#include "probes/probe.hpp"

#include <map>
#include <memory>
#include <string>

namespace squall::probes {

/// `gauges`: gauge → JSON pointer, with "*" for every member (json_gauges.hpp, which also says what counts; `label`
/// names the parts). One GET a reading over a connection of its own; the answer must have a status of 200 to 299.
/// Errors: a URL or pointer that is malformed.
[[nodiscard]] Result<std::unique_ptr<Probe>> make_http_json_probe(std::string name, std::string url,
                                                                  const std::map<std::string, std::string>& gauges,
                                                                  bool verify_tls = true,
                                                                  const std::string& label = "key");

} // namespace squall::probes
