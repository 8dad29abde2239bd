// One member's WebSocket: what waits to be sent to it, one after the other.
#pragma once

#include "target/rooms.hpp"

#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket.hpp>

#include <deque>
#include <memory>
#include <string>

namespace squall::target {

struct RoomMessage {
    std::string text;
    bool is_text = true;
};

class RoomSocket : public std::enable_shared_from_this<RoomSocket> {
public:
    RoomSocket(Rooms& rooms, asio::ip::tcp::socket socket, Request asked)
        : stream(std::move(socket)),
          request(std::move(asked)),
          rooms_(rooms)
    {}

    /// The handshake is over: before it nothing is sent.
    void open() { is_open_ = true; }
    /// Sends it when all before has been sent; drops the member when more than the bound waits.
    void queue(std::shared_ptr<const RoomMessage> message);
    void ping();
    /// Says goodbye (1001) to those who may come back at once, and closes at once on all others.
    void drop(refkit::DropReason reason);
    /// Ends the connection at once: what waits for it ends with an error.
    void close();

    boost::beast::websocket::stream<boost::beast::tcp_stream> stream;
    Request request; // the upgrade
    refkit::Membership membership;

private:
    void write_next();
    void forget_waiting();
    void say_goodbye();

    Rooms& rooms_;
    std::deque<std::shared_ptr<const RoomMessage>> waiting_;
    std::size_t waiting_bytes_ = 0;
    bool writing_ = false;
    bool pinging_ = false;
    bool is_open_ = false; // a message may be queued
    bool closed_ = false;
};

} // namespace squall::target
