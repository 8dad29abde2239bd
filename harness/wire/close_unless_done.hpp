// An operation that is abandoned half way (cancelled, thrown through) leaves a connection of unknown state: close it.
#pragma once

namespace squall::wire {

/// Calls `connection.close()` when it goes, unless done() was called.
template <typename Connection>
class CloseUnlessDone {
public:
    explicit CloseUnlessDone(Connection& connection) : connection_(&connection) {}
    ~CloseUnlessDone()
    {
        if (connection_ != nullptr) {
            connection_->close();
        }
    }
    CloseUnlessDone(const CloseUnlessDone&) = delete;
    CloseUnlessDone& operator=(const CloseUnlessDone&) = delete;

    void done() { connection_ = nullptr; }

private:
    Connection* connection_;
};

} // namespace squall::wire
