// One connection to one origin, TCP or TLS: bytes go at once where they can, and wait only where they must.
#pragma once

#include "base/time.hpp"
#include "drivers/tls_context.hpp"
#include "wire/resolve.hpp"
#include "wire/task.hpp"
#include "wire/url.hpp"

#include <boost/asio/ssl.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::drivers {

/// Single-threaded. Deadlines are the owner's: close() from elsewhere ends whatever waits, with operation_aborted.
class HttpConnection {
public:
    HttpConnection(asio::any_io_executor executor, const wire::Url& origin);

    [[nodiscard]] bool serves(const wire::Url& url) const;
    [[nodiscard]] bool is_open() const { return open_; }
    [[nodiscard]] const wire::Url& origin() const { return origin_; }

    /// Addresses found by an earlier lookup; kept for the life of the connection object.
    wire::Endpoints addresses;
    Instant last_used;

    /// Tries the addresses one after the other; the last one's error when none takes the connection.
    Task<error_code> connect();
    /// After connect(), for https: server name indication and verification of the host's name.
    /// The text tells a person why a certificate was refused.
    Task<std::optional<std::string>> handshake(TlsContext tls);
    /// Counts as open from here on.
    void established() { open_ = true; }

    /// Sends all of `bytes`, which are copied where the socket does not take them at once.
    Task<error_code> send(std::string_view bytes);
    /// Waits for bytes and reads what is there: into `scratch` or a buffer of the connection's own; `received` is valid
    /// until the next await.
    Task<error_code> receive(std::vector<char>& scratch, std::string_view& received);

    /// Whether the server has closed the connection while nobody looked (one system call).
    [[nodiscard]] bool is_stale();
    /// Ends a connection at once; safe to call twice.
    void close();

private:
    using TlsStream = asio::ssl::stream<asio::ip::tcp::socket&>;

    Task<error_code> send_tls(std::string_view bytes);
    Task<error_code> receive_tls(std::string_view& received);

    wire::Url origin_;
    asio::ip::tcp::socket socket_;
    std::optional<TlsStream> tls_;
    std::string unsent_;
    std::vector<char> tls_buffer_;
    int reads_in_a_row_ = 0;
    bool open_ = false;
};

} // namespace squall::drivers
