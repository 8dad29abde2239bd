// Records samples on one engine thread; the window is taken once a second.
#pragma once

#include "measure/sample.hpp"
#include "measure/window.hpp"

namespace squall::measure {

/// One an engine thread, no locks. In the steady state record() allocates nothing: there is room for what takes up to a
/// second from the beginning, and take() copies what was recorded and keeps the memory.
class Recorder {
public:
    explicit Recorder(std::size_t steps);

    /// As a step begins: a thread that was late was so then, however long the answer takes.
    void begun(std::size_t step, Duration lag);
    void record(const Sample& sample);
    /// An answer that had not come in time was found later by asking for it, or never.
    /// A message over an open connection, with the bytes that it is.
    void message_sent(std::size_t step, std::size_t bytes);
    void message_received(std::size_t step, std::size_t bytes);
    void late_answer(std::size_t step, bool recovered);
    void iteration_started() { ++window_.iterations_started; }
    void iteration_completed() { ++window_.iterations_completed; }
    void iteration_dropped() { ++window_.iterations_dropped; }

    /// What was recorded since the last take.
    [[nodiscard]] Window take();

private:
    Window window_;
};

} // namespace squall::measure
