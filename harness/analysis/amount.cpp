#include "analysis/amount.hpp"

#include "base/quantity.hpp"
#include "base/text.hpp"

#include <cmath>

namespace squall::analysis {

std::string format_amount(GaugeKind kind, double amount)
{
    if (amount < 0) {
        return "-" + format_amount(kind, -amount);
    }
    constexpr double most = 9e18; // beyond it neither bytes nor thousands can be whole numbers
    if (kind == GaugeKind::memory) {
        return format_bytes({static_cast<std::uint64_t>(std::llround(std::min(amount, most)))});
    }
    return amount >= 1000 && amount < most ? format_thousands(std::llround(amount)) : format_significant(amount);
}

} // namespace squall::analysis
