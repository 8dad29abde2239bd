// A server on loopback that does to each connection exactly what a test says, with blocking sockets and plain threads.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace squall::drivers {

/// One accepted connection, in its script's hands.
class Peer {
public:
    Peer(int socket, SSL_CTX* tls);
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    /// Reads one request, headers and body; nothing when the client has gone (or the TLS handshake failed).
    std::optional<std::string> request();
    /// Waits for any bytes at all, and drops them.
    void wait_for_bytes();
    void send(std::string_view bytes);
    /// "HTTP/1.1 200 OK" with a length.
    void answer(std::string_view body, std::string_view headers = "");
    /// Waits until the client closes.
    void wait_for_end();
    void close();
    /// Ends the connection with RST instead of FIN.
    void reset();
    /// Number of this connection, from 0.
    int index = 0;

private:
    long read_some(char* buffer, std::size_t size);

    int socket_;
    SSL* ssl_ = nullptr;
    std::string unread_;
};

class ScriptedServer {
public:
    using Script = std::function<void(Peer&)>;

    explicit ScriptedServer(Script script, SSL_CTX* tls = nullptr);
    /// Cuts every connection and joins every thread.
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string url(std::string_view path = "/") const;
    [[nodiscard]] int accepted() const { return accepted_; }

private:
    void accept_all();

    Script script_;
    SSL_CTX* tls_;
    int listener_;
    std::uint16_t port_ = 0;
    std::atomic<int> accepted_{0};
    std::mutex mutex_;
    std::list<int> sockets_; // duplicates, to cut the connections at the end
    std::list<std::thread> threads_;
    std::thread acceptor_;
};

/// Sends `bytes` as the answer to the first request, then closes.
ScriptedServer::Script send_and_close(std::string bytes);

/// Answers every request of every connection with `body`.
ScriptedServer::Script always_answer(std::string body, std::string headers = "");

} // namespace squall::drivers
