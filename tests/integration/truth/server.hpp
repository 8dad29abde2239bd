// A real HTTP server on loopback whose answers leave at the times of a schedule: latency known beforehand, over
// sockets.
#pragma once

#include "integration/truth/schedule.hpp"
#include "wire/task.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace squall::truth {

/// "GET /sample" is answered as the schedule says, its origin being the first such request; any other path at once.
/// HTTP/1.1 with kept connections, requests without bodies. One thread of its own.
class Server {
public:
    explicit Server(std::unique_ptr<Schedule> schedule);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// When the first sample was read; nothing before. Any thread.
    [[nodiscard]] std::optional<Instant> origin() const;
    /// Cuts every connection and joins the thread.
    void stop();
    /// When each sample was read, since the origin. After stop().
    [[nodiscard]] const std::vector<Duration>& arrivals() const { return arrivals_; }

private:
    struct Session;

    void accept();
    void read(const std::shared_ptr<Session>& session);
    void hold(const std::shared_ptr<Session>& session);
    void answer(const std::shared_ptr<Session>& session);
    Instant release_of(const std::string& request, Instant now);

    std::unique_ptr<Schedule> schedule_;
    asio::io_context io_{1};
    asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::atomic<Instant::rep> origin_{0}; // 0: no sample yet
    std::vector<Duration> arrivals_;
    std::thread thread_;
};

} // namespace squall::truth
