// What the flows of one thread wait on.
#pragma once

#include "wire/readiness.hpp"
#include "wire/timers.hpp"
#include "wire/wake_list.hpp"

namespace squall::wire {

/// One an io_context that one thread runs; goes when that runs no more, after all who use it.
struct ThreadEvents {
    ThreadEvents(const asio::any_io_executor& executor, const Clock& clock)
        : wakes(executor),
          readiness(executor, wakes),
          timers(executor, wakes, clock)
    {}

    [[nodiscard]] const asio::any_io_executor& executor() const { return readiness.executor(); }

    WakeList wakes;
    Readiness readiness;
    Timers timers;
};

} // namespace squall::wire
