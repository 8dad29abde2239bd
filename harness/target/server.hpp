// The HTTP/1.1 server: accepts, keeps its sessions, ends them.
#pragma once

#include "target/service.hpp"
#include "wire/task.hpp"

#include <list>
#include <memory>

namespace squall::target {

class Session;

/// One thread. Outlives its run().
class Server {
public:
    explicit Server(Service& service);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Takes the port without listening yet: one that is taken is found before anything else starts.
    [[nodiscard]] Result<void> bind(asio::any_io_executor executor);
    [[nodiscard]] Result<void> listen();
    [[nodiscard]] asio::ip::tcp::endpoint endpoint() const;

    /// Accepts until it is cancelled.
    Task<void> run();
    /// Two steps: idle sessions end at once and busy ones after their answer; what still runs after `grace` is
    /// cancelled.
    Task<void> stop(Duration grace);

private:
    struct Entry;
    using Entries = std::list<Entry>;

    void spawn(asio::ip::tcp::socket socket);
    Task<void> wait_for_room();
    Task<void> wait_until_empty(Instant deadline);

    Service& service_;
    std::unique_ptr<asio::ip::tcp::acceptor> acceptor_;
    Entries sessions_;
    Entries ended_;
    asio::steady_timer* room_ = nullptr;    // of the run() that waits for a session to end
    asio::steady_timer* emptied_ = nullptr; // of the stop() that waits
};

} // namespace squall::target
