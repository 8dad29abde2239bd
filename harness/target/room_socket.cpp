#include "target/room_socket.hpp"

namespace squall::target {
namespace {

constexpr std::size_t most_waiting_bytes = 1U << 20U;

} // namespace

void RoomSocket::queue(std::shared_ptr<const RoomMessage> message)
{
    if (dropped_) {
        return;
    }
    waiting_bytes_ += message->text.size();
    rooms_.counters_.queued_bytes += message->text.size();
    waiting_.push_back(std::move(message));
    if (rooms_.seams.bounds_queues && waiting_bytes_ > most_waiting_bytes) {
        ++rooms_.counters_.dropped_slow;
        drop();
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
                           if (self->dropped_ || error) {
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
    if (dropped_ || pinging_) {
        return;
    }
    pinging_ = true;
    stream.async_ping({}, [self = shared_from_this()](error_code) { self->pinging_ = false; });
}

void RoomSocket::drop()
{
    if (dropped_) {
        return;
    }
    dropped_ = true;
    rooms_.counters_.queued_bytes -= waiting_bytes_;
    waiting_bytes_ = 0;
    waiting_.clear();
    stream.next_layer().close();
}

} // namespace squall::target
