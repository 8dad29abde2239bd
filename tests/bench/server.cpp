// The lightest HTTP/1.1 server that every generator accepts: one thread, epoll, a fixed answer. Benchmarks only.
//   bench_server PORT
#include "epoll_server.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view body = "\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

struct Answers {
    std::string plain = "HTTP/1.1 200 OK" + std::string(body);
    std::string kept_1_0 = "HTTP/1.0 200 OK\r\nConnection: keep-alive" + std::string(body);
    std::string closing = "HTTP/1.1 200 OK\r\nConnection: close" + std::string(body);
};

struct Connection {
    std::string unread; // only what one read left over
};

bool has(std::string_view head, std::string_view text)
{
    return head.find(text) != std::string_view::npos;
}

/// Answers every whole request in the buffer with one write; false when the connection is to be closed.
bool serve(int socket, Connection& connection, std::string_view received, const Answers& answers)
{
    if (!connection.unread.empty()) {
        connection.unread.append(received);
        received = connection.unread;
    }
    std::string several;
    std::string_view out;
    bool keep = true;
    std::size_t end = 0;
    while (keep && (end = received.find("\r\n\r\n")) != std::string_view::npos) {
        const auto head = received.substr(0, end);
        received.remove_prefix(end + 4);
        const bool old = has(head, " HTTP/1.0");
        const bool kept_old = old && (has(head, "onnection: Keep-Alive") || has(head, "onnection: keep-alive"));
        keep = old ? kept_old : !has(head, "onnection: close");
        const std::string_view answer = !keep ? answers.closing : old ? answers.kept_1_0 : answers.plain;
        if (!out.empty()) {
            several = several.empty() ? std::string(out) : several;
            several += answer;
            out = several;
        } else {
            out = answer;
        }
    }
    connection.unread = std::string(received);
    if (!out.empty() && ::send(socket, out.data(), out.size(), MSG_NOSIGNAL) < 0) {
        return false;
    }
    return keep;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fputs("usage: bench_server PORT\n", stderr);
        return 1;
    }
    const Answers answers;
    bench::run_server<Connection>(static_cast<std::uint16_t>(std::atoi(argv[1])),
                                  [&answers](int socket, Connection& connection, std::string_view received) {
                                      return serve(socket, connection, received, answers);
                                  });
}
