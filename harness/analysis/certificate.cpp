#include "analysis/certificate.hpp"

#include "analysis/amount.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace squall::analysis {
namespace {

std::string fewer_than(GaugeKind kind, double amount)
{
    return fmt::format("{} than {}", kind == GaugeKind::memory ? "less" : "fewer", format_amount(kind, amount));
}

std::string hours_text(double hours)
{
    return format_duration(from_seconds(std::round(hours * 3600)));
}

/// "; 1h 20m more needed for < 1/h"; empty where it is shown already.
std::string what_a_smaller_bound_takes(const ResidualEstimate& residual, std::optional<double> wanted)
{
    const double smallest = residual.kind == GaugeKind::memory ? 1024.0 * 1024 : 1;
    const double bound = wanted.value_or(smallest);
    const double more = bound > 0 ? residual.upper / bound - residual.exposure.hours : 0;
    if (more <= 0 || bound <= 0) {
        return {};
    }
    return fmt::format("; {} more needed for < {}/h", hours_text(more), format_amount(residual.kind, bound));
}

} // namespace

Certificate certify(const CertificateInput& input)
{
    const auto& residual = input.residual;
    Certificate certificate;
    if (residual.verdict != LeakVerdict::no_leak || !residual.upper_per_hour) {
        return certificate;
    }
    certificate.text = fmt::format("{}/h at 95 % after {}", fewer_than(residual.kind, *residual.upper_per_hour),
                                   hours_text(residual.exposure.hours));
    certificate.text += what_a_smaller_bound_takes(residual, input.wanted_per_hour);
    if (!residual.upper_per_1000_operations) {
        return certificate;
    }
    certificate.text +=
        fmt::format("; {} per 1000 operations", fewer_than(residual.kind, *residual.upper_per_1000_operations));
    if (input.production_rate && *input.production_rate > 0) {
        const double hours = residual.exposure.operations / *input.production_rate / 3600;
        certificate.production_hours = hours;
        certificate.upper_per_production_hour = residual.upper / hours;
        certificate.text += fmt::format("; its {} operations are {} of production: {}/h there",
                                        format_thousands(std::llround(residual.exposure.operations)), hours_text(hours),
                                        fewer_than(residual.kind, *certificate.upper_per_production_hour));
    }
    return certificate;
}

} // namespace squall::analysis
