#include "target/direct_connections.hpp"

#include <utility>

namespace squall::target {

DirectConnection::DirectConnection(wire::PostgresConnection connection, std::shared_ptr<DirectCount> count)
    : connection_(std::move(connection)),
      count_(std::move(count))
{
    ++count_->opened;
    ++count_->open;
}

DirectConnection::~DirectConnection()
{
    if (count_) {
        --count_->open;
    }
}

Task<wire::PostgresResult<DirectConnection>> DirectConnections::open(std::string site, std::string conninfo,
                                                                     Instant deadline)
{
    auto& count = counts_[site];
    if (!count) {
        count = std::make_shared<DirectCount>();
    }
    auto counted = count;
    wire::PostgresConnection connection(co_await asio::this_coro::executor);
    const auto connected = co_await connection.connect(std::move(conninfo), deadline);
    if (!connected) {
        co_return connected.error();
    }
    co_return DirectConnection(std::move(connection), std::move(counted));
}

} // namespace squall::target
