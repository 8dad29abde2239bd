#include "analysis/limit_search.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cmath>

namespace squall::analysis {

LimitSearch::LimitSearch(LimitSearchBounds bounds) : bounds_(bounds)
{
    SQUALL_ASSERT(bounds.lowest > 0 && bounds.lowest <= bounds.highest && bounds.precision > 0);
    SQUALL_ASSERT(bounds.repeats % 2 == 1 && bounds.most_trials > 0);
}

std::optional<double> LimitSearch::failed() const
{
    const auto found = std::find_if(levels_.begin(), levels_.end(),
                                    [](const auto& level) { return level.second.failed >= level.second.held; });
    return found == levels_.end() ? std::nullopt : std::optional(found->first);
}

std::optional<double> LimitSearch::held() const
{
    // Levels stand in order, so that all below the first failed one held.
    const auto bound = failed();
    auto end = bound ? levels_.find(*bound) : levels_.end();
    return end == levels_.begin() ? std::nullopt : std::optional(std::prev(end)->first);
}

bool LimitSearch::settled(std::optional<double> level) const
{
    if (!level) {
        return true;
    }
    const auto& tally = levels_.at(*level);
    return std::max(tally.held, tally.failed) > bounds_.repeats / 2;
}

std::optional<double> LimitSearch::unsettled_edge() const
{
    for (const auto edge : {held(), failed()}) {
        if (!settled(edge)) {
            return edge;
        }
    }
    return std::nullopt;
}

std::optional<double> LimitSearch::wanted() const
{
    const auto low = held();
    const auto high = failed();
    if (!low && !high) {
        return std::clamp(1.0, bounds_.lowest, bounds_.highest);
    }
    if (!high) {
        return *low < bounds_.highest ? std::optional(std::min(*low * 2, bounds_.highest)) : unsettled_edge();
    }
    if (!low) {
        return *high > bounds_.lowest ? std::optional(std::max(*high / 2, bounds_.lowest)) : unsettled_edge();
    }
    return *high / *low > 1 + bounds_.precision ? std::optional(std::sqrt(*low * *high)) : unsettled_edge();
}

std::optional<double> LimitSearch::next() const
{
    return trials_ < bounds_.most_trials ? wanted() : std::nullopt;
}

void LimitSearch::record(bool held)
{
    const auto level = next();
    SQUALL_ASSERT(level.has_value());
    ++trials_;
    auto& tally = levels_[*level];
    ++(held ? tally.held : tally.failed);
}

LimitSearchEnd LimitSearch::end() const
{
    if (wanted()) {
        return LimitSearchEnd::out_of_trials;
    }
    if (!failed()) {
        return LimitSearchEnd::highest_holds;
    }
    return held() ? LimitSearchEnd::found : LimitSearchEnd::none_holds;
}

} // namespace squall::analysis
