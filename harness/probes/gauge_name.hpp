// How gauges are named: "name.gauge", and "name.gauge{label=value}" for a part of it.
#pragma once

#include "probes/probe.hpp"

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace squall::probes {

/// "postgres.connections{application=api}". Blanks, control characters, quotes, commas, braces and brackets in the
/// value become "_", so that a name can be written in an SLO expression; an empty value becomes "none".
[[nodiscard]] std::string labelled(std::string_view gauge, std::string_view label, std::string_view value);

/// One gauge split by a label. Remembers the values seen: one that is gone reads 0, as a series that merely stops would
/// look like a leak. Beyond `limit` distinct values (in order of their appearance) the rest counts as "other".
class Breakdown {
public:
    Breakdown(std::string gauge, std::string label, std::size_t limit = 20);

    void add(std::string_view value, double count = 1);
    /// Reads 0 from now on also when it is never added: a part that may leak has its level before the load too.
    void expect(std::initializer_list<std::string_view> values);
    /// Appends a reading for every value ever seen and starts anew at 0.
    void take(std::vector<GaugeReading>& readings);

private:
    std::string gauge_;
    std::string label_;
    std::size_t limit_;
    std::map<std::string, double, std::less<>> counts_;
    double other_ = 0;
    bool other_seen_ = false;
};

} // namespace squall::probes
