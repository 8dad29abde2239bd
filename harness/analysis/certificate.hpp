// What a run that found no leak certifies, in words: the bound, what it rests on, and what a smaller bound would take.
//
// A run that kept R units over an exposure E shows a rate below U(R)/E at 95 %, U the one-sided upper count of
// residual.hpp; showing less than λ takes E = U(R)/λ in all. Leaks that go with the operations grow with the rate and
// leaks that go with time do not, so both bounds stand there. With a production rate P the operations of the run are
// worth operations/P hours of production, and the bound per 1000 operations is one per hour there.
#pragma once

#include "analysis/residual.hpp"

#include <optional>
#include <string>

namespace squall::analysis {

struct CertificateInput {
    const ResidualEstimate& residual;
    /// The bound that somebody wants to see shown, a rate per hour; by default 1 an hour (1 MiB of memory).
    std::optional<double> wanted_per_hour;
    std::optional<double> production_rate; // operations a second
};

struct Certificate {
    /// "fewer than 1.8/h at 95 % after 1h 40min; 1h 20min more for < 1/h; no more than 0.1 per 1000 operations: its
    /// 30,000 operations are 42min of production, fewer than 4.3/h there"; empty where nothing can be certified.
    std::string text;
    std::optional<double> production_hours; // that the operations are worth
    std::optional<double> upper_per_production_hour;
};

/// Nothing where the residual was not judged, or lies above 0.
[[nodiscard]] Certificate certify(const CertificateInput& input);

} // namespace squall::analysis
