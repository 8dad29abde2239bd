// Gauges of the files that match a pattern: lock files, write-ahead logs, temporary files that nobody deletes.
#pragma once

#include "probes/probe.hpp"

#include <memory>
#include <string>

namespace squall::probes {

/// NAME.count and NAME.bytes over the regular files that match `pattern` (glob(7); a relative one from the working
/// directory). No match is 0 files; a folder that may not be read is a failure.
[[nodiscard]] std::unique_ptr<Probe> make_files_probe(std::string name, std::string pattern);

} // namespace squall::probes
