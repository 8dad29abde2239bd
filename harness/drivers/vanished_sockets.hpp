// The sockets of users that have vanished and of half-open requests: open, and touched by nobody.
#pragma once

#include <cstddef>
#include <deque>

namespace squall::drivers {

/// One a thread. Keeps at most `most`; the oldest is then reset (RST), as all are at the end.
class VanishedSockets {
public:
    static constexpr std::size_t default_most = 4000;

    explicit VanishedSockets(std::size_t most = default_most) : most_(most) {}
    ~VanishedSockets() { release(); }
    VanishedSockets(const VanishedSockets&) = delete;
    VanishedSockets& operator=(const VanishedSockets&) = delete;

    /// Takes the descriptor over.
    void keep(int descriptor);
    void release();
    [[nodiscard]] std::size_t size() const { return descriptors_.size(); }

private:
    void reset_oldest();

    std::size_t most_;
    std::deque<int> descriptors_;
};

} // namespace squall::drivers
