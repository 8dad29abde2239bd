#include "arrivals/closed_population.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace squall::arrivals {
namespace {

// Nanoseconds times users pass 64 bits within hours.
__extension__ using Wide = __int128;

int scaled(int users, double scale)
{
    return static_cast<int>(std::ceil(users * scale - 1e-9));
}

} // namespace

ClosedPopulation::ClosedPopulation(std::vector<UserStage> stages, double scale)
{
    SQUALL_ASSERT(scale > 0);
    Duration begin{};
    int from = 0;
    for (const auto& stage : stages) {
        const int to = scaled(stage.users, scale);
        segments_.push_back({begin, begin + stage.length, from, to});
        begin += stage.length;
        from = to;
    }
}

ClosedPopulation ClosedPopulation::fixed(int users, Duration ramp, double scale)
{
    return ClosedPopulation({{ramp, users}}, scale);
}

/// A rising level of d users takes its k-th step at length·k/d, the first at once, so that user i starts at i/d of the
/// way; a falling one takes its first step after the first d-th.
int ClosedPopulation::level(const Segment& segment, Duration elapsed)
{
    if (elapsed >= segment.end) {
        return segment.to;
    }
    const auto steps = static_cast<std::int64_t>(std::abs(segment.to - segment.from));
    const auto length = (segment.end - segment.begin).count();
    const auto passed =
        static_cast<std::int64_t>(static_cast<Wide>((elapsed - segment.begin).count()) * steps / length);
    const auto taken = static_cast<int>(passed);
    return segment.to >= segment.from ? segment.from + std::min<int>(taken + 1, segment.to - segment.from)
                                      : segment.from - taken;
}

int ClosedPopulation::users_at(Duration elapsed) const
{
    int users = 0;
    for (const auto& segment : segments_) {
        if (elapsed < segment.begin) {
            break;
        }
        users = level(segment, elapsed);
    }
    return users;
}

std::optional<Duration> ClosedPopulation::next_change(Duration elapsed) const
{
    const int now = users_at(elapsed);
    for (const auto& segment : segments_) {
        const auto steps = static_cast<std::int64_t>(std::abs(segment.to - segment.from));
        if (elapsed >= segment.end || steps == 0) {
            continue;
        }
        const auto length = (segment.end - segment.begin).count();
        const auto since_begin = std::max(elapsed - segment.begin, Duration::zero()).count();
        // A segment without length is a jump: all its steps at once.
        auto step = length == 0 ? steps : static_cast<std::int64_t>(static_cast<Wide>(since_begin) * steps / length);
        for (; step <= steps; ++step) {
            // The first nanosecond at which level() counts this step.
            const auto offset = (static_cast<Wide>(step) * length + steps - 1) / steps;
            const auto at = segment.begin + Duration(static_cast<Duration::rep>(offset));
            if (at > elapsed && users_at(at) != now) {
                return at;
            }
        }
    }
    return std::nullopt;
}

} // namespace squall::arrivals
