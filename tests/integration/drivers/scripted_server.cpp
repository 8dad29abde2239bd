#include "scripted_server.hpp"

#include "base/assert.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace squall::drivers {
namespace {

std::size_t content_length(const std::string& head)
{
    const auto at = head.find("content-length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

} // namespace

Peer::Peer(int socket, SSL_CTX* tls) : socket_(socket)
{
    if (tls == nullptr) {
        return;
    }
    ssl_ = SSL_new(tls);
    SSL_set_fd(ssl_, socket_);
    if (SSL_accept(ssl_) != 1) {
        close();
    }
}

Peer::~Peer()
{
    close();
}

long Peer::read_some(char* buffer, std::size_t size)
{
    if (socket_ < 0) {
        return 0;
    }
    return ssl_ != nullptr ? SSL_read(ssl_, buffer, static_cast<int>(size)) : ::recv(socket_, buffer, size, 0);
}

std::optional<std::string> Peer::request()
{
    for (;;) {
        const auto end = unread_.find("\r\n\r\n");
        if (end != std::string::npos) {
            const auto size = end + 4 + content_length(unread_.substr(0, end));
            if (unread_.size() >= size) {
                auto request = unread_.substr(0, size);
                unread_.erase(0, size);
                return request;
            }
        }
        std::array<char, 4096> buffer{};
        const auto count = read_some(buffer.data(), buffer.size());
        if (count <= 0) {
            return std::nullopt;
        }
        unread_.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

void Peer::wait_for_bytes()
{
    std::array<char, 4096> buffer{};
    read_some(buffer.data(), buffer.size());
}

void Peer::send(std::string_view bytes)
{
    while (!bytes.empty() && socket_ >= 0) {
        const long sent = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                          : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void Peer::answer(std::string_view body, std::string_view headers)
{
    send(fmt::format("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{}\r\n{}", body.size(), headers, body));
}

void Peer::wait_for_end()
{
    std::array<char, 4096> buffer{};
    while (read_some(buffer.data(), buffer.size()) > 0) {
    }
}

void Peer::close()
{
    if (ssl_ != nullptr) {
        SSL_free(ssl_);
        ssl_ = nullptr;
    }
    if (socket_ >= 0) {
        // The server keeps a duplicate: only shutdown ends the connection itself.
        ::shutdown(socket_, SHUT_RDWR);
        ::close(socket_);
        socket_ = -1;
    }
}

void Peer::reset()
{
    const linger hard{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    sockaddr nobody{};
    nobody.sa_family = AF_UNSPEC;
    // Disconnecting sends RST although a duplicate is open.
    ::connect(socket_, &nobody, sizeof nobody);
    ::close(socket_);
    socket_ = -1;
}

ScriptedServer::ScriptedServer(Script script, SSL_CTX* tls)
    : script_(std::move(script)),
      tls_(tls),
      listener_(::socket(AF_INET, SOCK_STREAM, 0))
{
    // SSL_write has no MSG_NOSIGNAL; a client that went away is an error code, as it is for squall itself.
    std::signal(SIGPIPE, SIG_IGN);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    SQUALL_ASSERT(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    SQUALL_ASSERT(::listen(listener_, 1024) == 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer()
{
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (const int socket : sockets_) {
        ::shutdown(socket, SHUT_RDWR);
        ::close(socket);
    }
    for (auto& thread : threads_) {
        thread.join();
    }
}

std::string ScriptedServer::url(std::string_view path) const
{
    return fmt::format("{}://127.0.0.1:{}{}", tls_ == nullptr ? "http" : "https", port_, path);
}

void ScriptedServer::accept_all()
{
    for (;;) {
        const int socket = ::accept(listener_, nullptr, nullptr);
        if (socket < 0) {
            return;
        }
        const int index = accepted_++;
        sockets_.push_back(::dup(socket));
        threads_.emplace_back([this, socket, index] {
            Peer peer(socket, tls_);
            peer.index = index;
            script_(peer);
        });
    }
}

ScriptedServer::Script send_and_close(std::string bytes)
{
    return [bytes = std::move(bytes)](Peer& peer) {
        if (peer.request()) {
            peer.send(bytes);
        }
    };
}

ScriptedServer::Script always_answer(std::string body, std::string headers)
{
    return [body = std::move(body), headers = std::move(headers)](Peer& peer) {
        while (peer.request()) {
            peer.answer(body, headers);
        }
    };
}

} // namespace squall::drivers
