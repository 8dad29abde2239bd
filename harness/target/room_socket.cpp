#include "target/room_socket.hpp"

#include "wire/deadline.hpp"

namespace squall::target {
namespace {

constexpr std::size_t most_waiting_bytes = 1U << 20U;
constexpr Duration goodbye_timeout = std::chrono::seconds(2);

} // namespace

void RoomSocket::queue(std::shared_ptr<const RoomMessage> message)
{
    if (!is_open_) {
        return;
    }
    waiting_bytes_ += message->text.size();
    rooms_.counters_.queued_bytes += message->text.size();
    waiting_.push_back(std::move(message));
    if (rooms_.seams.bounds_queues && waiting_bytes_ > most_waiting_bytes) {
        membership.drop(refkit::DropReason::slow);
        return;
    }
    if (!writing_) {
        write_next();
    }
}

void RoomSocket::write_next()
{
    writing_ = true;
    const auto message = waiting_.front();
    stream.text(message->is_text);
    stream.async_write(asio::buffer(message->text),
                       [self = shared_from_this(), message](error_code error, std::size_t) {
                           self->writing_ = false;
                           if (!self->is_open_ || error) {
                               return; // the reading side ends the connection
                           }
                           self->waiting_.pop_front();
                           self->waiting_bytes_ -= message->text.size();
                           self->rooms_.counters_.queued_bytes -= message->text.size();
                           ++self->rooms_.counters_.messages_out;
                           if (!self->waiting_.empty()) {
                               self->write_next();
                           }
                       });
}

void RoomSocket::ping()
{
    if (!is_open_ || pinging_) {
        return;
    }
    pinging_ = true;
    stream.async_ping({}, [self = shared_from_this()](error_code) { self->pinging_ = false; });
}

void RoomSocket::drop(refkit::DropReason reason)
{
    const bool may_come_back = reason == refkit::DropReason::aged || reason == refkit::DropReason::closing;
    if (is_open_ && may_come_back) {
        say_goodbye();
    } else {
        close();
    }
}

void RoomSocket::say_goodbye()
{
    forget_waiting();
    // The reading side takes what comes until the far end has answered.
    const auto limit = std::make_shared<wire::DeadlineGuard>(
        stream.get_executor(), std::chrono::steady_clock::now() + goodbye_timeout, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->close();
            }
        });
    stream.async_close(boost::beast::websocket::close_code::going_away,
                       [self = shared_from_this(), limit](error_code) { self->close(); });
}

void RoomSocket::close()
{
    if (!closed_) {
        closed_ = true;
        forget_waiting();
        stream.next_layer().close();
    }
}

void RoomSocket::forget_waiting()
{
    is_open_ = false;
    rooms_.counters_.queued_bytes -= waiting_bytes_;
    waiting_bytes_ = 0;
    waiting_.clear();
}

} // namespace squall::target
