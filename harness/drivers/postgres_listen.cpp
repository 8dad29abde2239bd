// LISTEN, and the notifications that come.
#include "drivers/postgres_session.hpp"

namespace squall::drivers {
namespace {

using measure::ErrorKind;

constexpr std::size_t most_kept = 10'000;

struct FreeNotify {
    void operator()(PGnotify* notify) const { PQfreemem(notify); }
};
struct FreeText {
    void operator()(char* text) const { PQfreemem(text); }
};

} // namespace

wire::Flow<Failure> PostgresClient::State::await_notifications(const PostgresListen& listen, PostgresExchange& exchange)
{
    Failure failure;
    stage_ = Stage::exchanging;
    if (!channels_.contains(listen.channel)) {
        failure = co_await subscribe(listen.channel);
    }
    pass(exchange, exchange.phases.sending);
    if (failure) {
        co_return failure;
    }
    stage_ = Stage::listening;
    fresh_ = false; // what has come since the last operation may have been seen as an edge already
    while (!take_notifications(listen, exchange)) {
        failure = co_await read_some(&exchange);
        if (failure) {
            co_return failure;
        }
        if (PQstatus(connection.get()) == CONNECTION_BAD) {
            co_return lost();
        }
    }
    pass(exchange, exchange.phases.receiving);
    co_return failure;
}

wire::Flow<Failure> PostgresClient::State::subscribe(std::string_view channel)
{
    const std::unique_ptr<char, FreeText> quoted(PQescapeIdentifier(connection.get(), channel.data(), channel.size()));
    if (!quoted) {
        co_return Failure{ErrorKind::internal, "the channel's name is no text"};
    }
    fresh_ = true;
    if (PQsendQuery(connection.get(), fmt::format("LISTEN {}", quoted.get()).c_str()) == 0) {
        co_return lost();
    }
    Failure failure = co_await collect(nullptr, nullptr);
    // One inside a transaction goes with it where that is rolled back.
    if (!failure && PQtransactionStatus(connection.get()) == PQTRANS_IDLE) {
        channels_.emplace(channel);
    }
    co_return failure;
}

bool PostgresClient::State::take_notifications(const PostgresListen& listen, PostgresExchange& exchange)
{
    for (;;) {
        const std::unique_ptr<PGnotify, FreeNotify> notify(PQnotifies(connection.get()));
        if (!notify) {
            break;
        }
        notifications_.push_back({notify->relname, notify->extra});
    }
    std::erase_if(notifications_, [&](Notification& notification) {
        const bool taken = notification.channel == listen.channel && exchange.rows < listen.notifications;
        if (taken && notification.payload.find(listen.payload) != std::string::npos) {
            ++exchange.rows;
            exchange.bytes_received += notification.payload.size();
            payload = std::move(notification.payload);
        }
        return taken;
    });
    if (notifications_.size() > most_kept) {
        const auto too_many = static_cast<std::ptrdiff_t>(notifications_.size() - most_kept);
        notifications_.erase(notifications_.begin(), notifications_.begin() + too_many);
    }
    return exchange.rows >= listen.notifications;
}

} // namespace squall::drivers
