// Gauges out of a Prometheus text page.
#pragma once

#include "base/result.hpp"
#include "probes/probe.hpp"

#include <map>
#include <memory>
#include <string>

namespace squall::probes {

/// `gauges`: gauge → selector, metric or metric{label="value"} (see prometheus_text.hpp); the gauge is the sum over the
/// matching series, NaN and infinities left out. With "by (label)" behind it also NAME.gauge{label=…}, at most 20, the
/// rest as "other"; one that is gone reads 0. A selector without a series fails that gauge alone. One GET a reading
/// over a connection of its own. A page with one process_start_time_seconds gives NAME.started_at besides: when it
/// changes, the service was restarted. Errors: a URL or selector that is malformed.
[[nodiscard]] Result<std::unique_ptr<Probe>> make_prometheus_probe(std::string name, std::string url,
                                                                   std::map<std::string, std::string> gauges,
                                                                   bool verify_tls = true);

} // namespace squall::probes
