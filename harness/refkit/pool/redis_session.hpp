// A Redis connection that knows what its user has left behind in the server's session.
#pragma once

#include "wire/redis_connection.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace squall::refkit {

/// What the commands so far have left. Pure.
class RedisLeftover {
public:
    /// After a command that was answered. Replies are not looked at: when in doubt, something is left.
    void after(const std::vector<std::string>& words);

    /// MULTI without its end, WATCH, another database, another user …: RESET takes all of it back.
    [[nodiscard]] bool state() const { return multi_ || watch_ || session_; }
    /// The server may send what nobody asked for (SUBSCRIBE, MONITOR, CLIENT TRACKING …) or does not answer each
    /// command once: nobody can tell whose the next reply is.
    [[nodiscard]] bool stream() const { return stream_; }

private:
    bool multi_ = false;
    bool watch_ = false;
    bool session_ = false;
    bool stream_ = false;
};

/// Used like its base. A command that is given up closes the connection, so that no reply is left unread in it.
class RedisSession : public wire::RedisConnection {
public:
    using wire::RedisConnection::RedisConnection;

    Task<Result<wire::RedisReply>> command(std::vector<std::string> words, Instant deadline);
    [[nodiscard]] const RedisLeftover& leftover() const { return leftover_; }
    void forget_leftover() { leftover_ = {}; }

private:
    RedisLeftover leftover_;
};

} // namespace squall::refkit
