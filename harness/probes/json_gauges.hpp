// Gauges out of a JSON document. Pure.
#pragma once

#include "base/result.hpp"
#include "probes/gauge_name.hpp"
#include "probes/probe.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::probes {

/// Remembers the labels that each gauge had, so one object belongs to one source.
class JsonGauges {
public:
    /// `pointers`: gauge → JSON pointer (RFC 6901), of which a part "*" stands for every member or element:
    /// "/sites/*/open" gives NAME.gauge{key=…} by what stood in its place (joined by "/" where there are several, at
    /// most 20, the rest as "other") and their sum as NAME.gauge. `label` is used instead of "key". An error is what is
    /// no pointer.
    [[nodiscard]] static Result<JsonGauges> make(std::string name, const std::map<std::string, std::string>& pointers,
                                                 const std::string& label = "key");

    /// A finite number counts as it is, true and false as 1 and 0, an array as its length. Anything else, and a pointer
    /// to nothing, fails that gauge alone: it is absent, never 0. A "*" over what is empty is 0; where only some
    /// members have what follows it, these count.
    [[nodiscard]] ProbeReading read(std::string_view body);

private:
    struct Gauge {
        std::string name; // whole
        std::string pointer;
        std::vector<std::string> parts; // unescaped
        std::optional<Breakdown> by_key;
    };

    std::string name_;
    std::vector<Gauge> gauges_;
};

} // namespace squall::probes
