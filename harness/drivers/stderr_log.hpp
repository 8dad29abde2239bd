// What the children of one service and thread say on stderr, in a file with a bound.
#pragma once

#include "base/quantity.hpp"
#include "wire/flow.hpp"
#include "wire/thread_events.hpp"

#include <memory>
#include <string>

namespace squall::drivers {

/// All children write into one pipe, which is read while they live: what is above the bound is read too, and dropped,
/// so that no child ever hangs on it. Several may append to one file.
class StderrLog {
public:
    StderrLog(wire::ThreadEvents& events, std::string path, std::size_t limit);
    ~StderrLog();
    StderrLog(const StderrLog&) = delete;
    StderrLog& operator=(const StderrLog&) = delete;

    /// What becomes the stderr of a child; opened at its first use, and again after close(). -1: it cannot be opened.
    [[nodiscard]] int descriptor();
    /// When all children have ended: writes down what is left, and waits for nothing any more.
    void close();

private:
    struct State;
    static wire::Flow<> copy(std::shared_ptr<State> state);

    wire::ThreadEvents& events_;
    std::string path_;
    std::size_t left_;             // that may still be written
    std::shared_ptr<State> state_; // null: closed
};

} // namespace squall::drivers
