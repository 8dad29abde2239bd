// What a closed loop cannot see, estimated: the requests that its users would have sent while they waited. Pure.
#pragma once

#include "measure/histogram.hpp"
#include "result/run_result.hpp"

#include <optional>

namespace squall::engine {

/// `service` of closed users, each of which sends once in `interval` on average (their time over their requests). Every
/// service time v above the interval stands for requests that would have waited v − interval, v − 2·interval, … had
/// they come at the same rate regardless: HdrHistogram's copyCorrectedForCoordinatedOmission (Gil Tene,
/// https://hdrhistogram.github.io/HdrHistogram/JavaDoc/org/HdrHistogram/Histogram.html). An estimate, and at best a
/// lower bound: users that come at a rate would also have made the service slower. Nothing without
/// samples, or where the interval is below a millionth of the longest.
[[nodiscard]] std::optional<result::OmissionCanary> omission_canary(const measure::Histogram& service,
                                                                    Duration interval);

} // namespace squall::engine
