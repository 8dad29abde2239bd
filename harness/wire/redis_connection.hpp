// One Redis connection: hiredis formats and parses, Asio carries the bytes.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "wire/task.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace squall::wire {

struct RedisReply {
    enum class Type { status, error, integer, nil, text, array };
    Type type = Type::nil;
    std::string text; // status, error, text
    std::int64_t integer = 0;
    std::vector<RedisReply> elements;
};

/// Used from one thread; one command at a time.
class RedisConnection {
public:
    explicit RedisConnection(asio::any_io_executor executor);
    ~RedisConnection();
    RedisConnection(RedisConnection&&) noexcept;
    RedisConnection& operator=(RedisConnection&&) noexcept;

    /// `url`: redis://[:password@]host:port[/db]. Sends AUTH, SELECT and CLIENT SETNAME `name` where given.
    Task<Result<void>> connect(std::string url, std::string name, Instant deadline);
    /// A Redis error reply is a value (Type::error); a failure is a broken connection or a passed deadline, and closes
    /// it.
    Task<Result<RedisReply>> command(std::vector<std::string> words, Instant deadline);
    [[nodiscard]] bool is_open() const;
    void close();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace squall::wire
