// How many connections help those who wait. One that is dialed now serves nobody before a dial's time has passed;
// whoever the open ones have served by then needs none. So fifty queries of 2 ms on five connections wait for 20 ms,
// and not for dials of 150 ms that come when all is over (HikariCP, "Welcome to the Jungle").
#pragma once

#include "base/time.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace squall::refkit {

/// One thread. Pure arithmetic: lengths in, a number out.
class DialNeed {
public:
    void dial_took(Duration length) { take_in(dial_, length); }
    void loan_took(Duration length) { take_in(loan_, length); }

    /// How many more should be open, beside `open` of which some may still be on their way, for `waiters` of whom none
    /// was served for `stalled`. Not more than `waiters`.
    ///   Nothing known yet: as many as there are, so that they double with each dial.
    ///   Nobody was served for patience(), a dial's time or less: what is known of loans is no longer true; one for
    ///   each. Else: as many as finish the queue within a dial's time.
    [[nodiscard]] std::size_t more(std::size_t waiters, std::size_t open, Duration stalled) const;

    /// After so long a stall more() answers otherwise.
    [[nodiscard]] std::optional<Duration> patience() const
    {
        return dial_ ? std::optional(std::min(*dial_, longest_patience)) : std::nullopt;
    }

private:
    /// Where dials take longer than this, a stall is noticed sooner.
    static constexpr Duration longest_patience = std::chrono::milliseconds(250);

    /// Exponentially weighted, an eighth a value, as TCP smooths its round trips (RFC 6298).
    static void take_in(std::optional<Duration>& mean, Duration length)
    {
        mean = mean ? *mean + (length - *mean) / 8 : length;
    }

    std::optional<Duration> dial_;
    std::optional<Duration> loan_;
};

} // namespace squall::refkit
