// One connection to one origin, TCP or TLS: bytes go at once where they can, and wait only where they must.
#pragma once

#include "base/time.hpp"
#include "drivers/tls_context.hpp"
#include "wire/flow.hpp"
#include "wire/resolve.hpp"
#include "wire/thread_events.hpp"
#include "wire/url.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::drivers {

/// To whom a connection goes.
struct Origin {
    std::string host;
    std::uint16_t port = 0;
    bool is_secure = false;

    [[nodiscard]] bool secure() const { return is_secure; }
    [[nodiscard]] bool is_of(const wire::Url& url) const
    {
        return port == url.port && is_secure == url.secure() && host == url.host;
    }
};

/// Single-threaded. Deadlines are the owner's: close() from elsewhere ends whatever waits, with operation_aborted.
class Stream {
public:
    Stream(wire::ThreadEvents& events, const wire::Url& origin);
    ~Stream();

    /// `prepared`, where not null, is a request to that URL each time that it is given.
    [[nodiscard]] bool serves(const wire::Url& url, const void* prepared);
    [[nodiscard]] bool is_open() const { return open_; }
    [[nodiscard]] const Origin& origin() const { return origin_; }

    /// Addresses found by an earlier lookup; kept for the life of the connection object.
    wire::Endpoints addresses;
    Instant last_used;

    /// Tries the addresses one after the other; the last one's error when none takes the connection.
    wire::Flow<error_code> connect();
    /// After connect(), for https: server name indication and verification of the host's name.
    /// The text tells a person why a certificate was refused.
    /// `protocol` is what is offered as the application's (ALPN, RFC 7301), such as "http/1.1"; empty: nothing.
    wire::Flow<std::optional<std::string>> handshake(TlsContext tls, std::string_view protocol);
    /// Counts as open from here on.
    void established() { open_ = true; }

    using Done = wire::Socket::Done;
    /// Sends what the socket takes at once and takes that off `bytes`; over TLS nothing. Failures: error().
    Done send_now(std::string_view& bytes);
    /// Sends all of `bytes`, which are copied first.
    wire::Flow<error_code> send_rest(std::string_view bytes);

    /// Reads what is there into `scratch`, without waiting; over TLS nothing is. Failures and the end: error().
    Done receive_now(std::vector<char>& scratch, std::string_view& received);
    /// Only for plain connections: the next receive_now() asks the system, whatever is known.
    void look_again();
    /// Only for plain connections: from here on the system takes as few bytes as it may before they are read.
    void read_little();
    /// Only for plain connections: `co_await readable()` until receive_now() is worth calling.
    [[nodiscard]] wire::Socket::Wait readable() { return socket_.readable(); }
    /// Likewise, and until send_now() is worth calling; also_when_writable() tells that to the flow that waits already.
    [[nodiscard]] wire::Socket::Wait readable_or_writable() { return socket_.readable_or_writable(); }
    void also_when_writable() { socket_.also_when_writable(); }
    /// Lets the thread's other users go first; after so many reads without a wait receive_now() reads nothing.
    wire::Flow<> give_way();
    /// Waits for bytes and reads them: into `scratch` or a buffer of the connection's own; `received` is valid until
    /// the next await.
    wire::Flow<error_code> receive(std::vector<char>& scratch, std::string_view& received);
    [[nodiscard]] error_code error() const { return error_; }

    /// Whether the server has closed the connection while nobody looked (one system call).
    [[nodiscard]] bool is_stale();
    /// Ends a connection at once; safe to call twice.
    void close();
    /// The same with RST instead of FIN: what was not read or sent is lost, as when the process at this end dies.
    void reset();
    /// Gives the descriptor away and ends whatever waits: the peer sees nothing. Nothing when there is none.
    [[nodiscard]] std::optional<int> abandon();

private:
    wire::Flow<error_code> receive_plain(std::vector<char>& scratch, std::string_view& received);
    wire::Flow<error_code> receive_secure(std::string_view& received);
    [[nodiscard]] int descriptor() const;
    struct Tls;

    wire::ThreadEvents& events_;
    Origin origin_;
    const void* served_ = nullptr; // the prepared request that was last seen to be for this origin
    wire::Socket socket_;
    std::unique_ptr<Tls> tls_; // takes the socket's descriptor over
    error_code error_;
    int reads_in_a_row_ = 0;
    bool open_ = false;
};

} // namespace squall::drivers
