#include "drivers/stream.hpp"

#include "wire/flow_bridge.hpp"

#include <boost/asio/ssl.hpp>

#include <sys/socket.h>

#include <cerrno>

namespace squall::drivers {
namespace {

using asio::ip::tcp;

/// A server that sends without end must not keep the thread from its other users and from its deadlines.
constexpr int most_reads_in_a_row = 16;
constexpr std::size_t tls_buffer_bytes = std::size_t{16} * 1024;

bool is_address(const std::string& host)
{
    error_code no;
    asio::ip::make_address(host, no);
    return !no;
}

std::string handshake_text(const error_code& error, SSL* ssl)
{
    const auto verdict = SSL_get_verify_result(ssl);
    if (verdict != X509_V_OK) {
        return fmt::format("the certificate is not accepted: {}", X509_verify_cert_error_string(verdict));
    }
    return error.message();
}

/// Bytes that nobody asked for make a plain connection unusable; over TLS they are session tickets.
bool is_closed(int descriptor, bool may_hold_bytes)
{
    char byte = 0;
    const auto count = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count < 0) {
        return errno != EAGAIN && errno != EWOULDBLOCK;
    }
    return count == 0 || !may_hold_bytes;
}

} // namespace

/// TLS is carried by Asio; its operations have ended when the flow that awaits them goes on.
struct Stream::Tls {
    Tls(const asio::any_io_executor& executor, asio::ssl::context& context) : socket(executor), stream(socket, context)
    {}

    Task<error_code> handshake()
    {
        const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::client, use_result);
        co_return error;
    }
    Task<error_code> send(std::string_view bytes)
    {
        const auto [error, sent] = co_await asio::async_write(stream, asio::buffer(bytes), use_result);
        co_return error;
    }
    Task<error_code> receive(std::string_view& received)
    {
        buffer.resize(tls_buffer_bytes);
        const auto [error, count] = co_await stream.async_read_some(asio::buffer(buffer), use_result);
        received = std::string_view(buffer.data(), count);
        co_return error;
    }

    tcp::socket socket;
    asio::ssl::stream<tcp::socket&> stream;
    std::vector<char> buffer;
};

Stream::Stream(wire::ThreadEvents& events, const wire::Url& origin)
    : events_(events),
      origin_{origin.host, origin.port, origin.secure()},
      socket_(events.readiness)
{}

Stream::~Stream() = default;

bool Stream::serves(const wire::Url& url, const void* prepared)
{
    if (prepared != nullptr && prepared == served_) {
        return true;
    }
    const bool same = origin_.is_of(url);
    served_ = same ? prepared : served_;
    return same;
}

wire::Flow<error_code> Stream::connect()
{
    error_code error = asio::error::host_not_found;
    for (std::size_t index = 0; index < addresses.size(); ++index) {
        tls_.reset();
        error = socket_.begin_connect(addresses[index]);
        if (!error) {
            error = co_await socket_.writable();
            if (error) {
                break; // closed meanwhile
            }
            error = socket_.connected();
        }
        if (!error) {
            co_return error;
        }
    }
    close();
    co_return error;
}

wire::Flow<std::optional<std::string>> Stream::handshake(TlsContext tls, std::string_view protocol)
{
    tls_ = std::make_unique<Tls>(events_.executor(), tls.native());
    error_code error;
    const int descriptor = socket_.release();
    tls_->socket.assign(addresses.front().protocol(), descriptor, error);
    SSL* ssl = tls_->stream.native_handle();
    if (!is_address(origin_.host) && SSL_set_tlsext_host_name(ssl, origin_.host.c_str()) != 1) {
        co_return "OpenSSL does not accept the host's name";
    }
    if (!protocol.empty()) {
        const auto offered = static_cast<char>(protocol.size()) + std::string(protocol);
        SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(offered.data()), // NOLINT: OpenSSL's bytes
                            static_cast<unsigned>(offered.size()));
    }
    if (tls.verifies()) {
        tls_->stream.set_verify_callback(asio::ssl::host_name_verification(origin_.host));
    }
    error = co_await wire::TaskInFlow(events_.executor(), tls_->handshake());
    if (error) {
        co_return handshake_text(error, ssl);
    }
    co_return std::nullopt;
}

Stream::Done Stream::send_now(std::string_view& bytes)
{
    reads_in_a_row_ = 0;
    if (tls_) {
        return Done::would_block;
    }
    std::size_t sent = 0;
    const auto done = socket_.send(bytes.data(), bytes.size(), sent);
    bytes.remove_prefix(sent);
    if (done == Done::failed) {
        error_ = socket_.error();
    }
    return done;
}

wire::Flow<error_code> Stream::send_rest(std::string_view bytes)
{
    const std::string unsent(bytes);
    error_code error;
    if (tls_) {
        error = co_await wire::TaskInFlow(events_.executor(), tls_->send(unsent));
        co_return error;
    }
    std::string_view left = unsent;
    while (!left.empty() && !error) {
        error = co_await socket_.writable();
        if (!error && send_now(left) == Done::failed) {
            error = error_;
        }
    }
    co_return error;
}

Stream::Done Stream::receive_now(std::vector<char>& scratch, std::string_view& received)
{
    if (tls_ || reads_in_a_row_ >= most_reads_in_a_row) {
        return Done::would_block;
    }
    std::size_t count = 0;
    const auto done = socket_.receive(scratch.data(), scratch.size(), count);
    if (done == Done::yes && count > 0) {
        ++reads_in_a_row_;
        received = std::string_view(scratch.data(), count);
        return done;
    }
    if (done != Done::would_block) {
        error_ = done == Done::failed ? socket_.error() : error_code(asio::error::eof);
        return Done::failed;
    }
    return done;
}

void Stream::look_again()
{
    socket_.look_again();
    reads_in_a_row_ = 0;
}

void Stream::read_little()
{
    const int bytes = 1; // the system makes its least of it
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

// Not a coroutine: what waits for a plain connection's answer holds a frame without room for what TLS needs.
wire::Flow<error_code> Stream::receive(std::vector<char>& scratch, std::string_view& received)
{
    return tls_ ? receive_secure(received) : receive_plain(scratch, received);
}

wire::Flow<error_code> Stream::receive_secure(std::string_view& received)
{
    const error_code error = co_await wire::TaskInFlow(events_.executor(), tls_->receive(received));
    co_return error;
}

wire::Flow<error_code> Stream::receive_plain(std::vector<char>& scratch, std::string_view& received)
{
    for (;;) {
        if (reads_in_a_row_ >= most_reads_in_a_row) {
            co_await events_.wakes.turn();
            reads_in_a_row_ = 0;
        }
        if (!socket_.is_open()) {
            co_return asio::error::operation_aborted;
        }
        const auto done = receive_now(scratch, received);
        if (done != Done::would_block) {
            co_return done == Done::yes ? error_code() : error_;
        }
        const error_code aborted = co_await socket_.readable();
        if (aborted) {
            co_return aborted;
        }
    }
}

wire::Flow<> Stream::give_way()
{
    co_await events_.wakes.turn();
    reads_in_a_row_ = 0;
}

bool Stream::is_stale()
{
    return tls_ ? is_closed(tls_->socket.native_handle(), true) : is_closed(socket_.native_handle(), false);
}

void Stream::close()
{
    socket_.close();
    if (tls_) {
        error_code ignored;
        tls_->socket.close(ignored);
    }
    open_ = false;
    reads_in_a_row_ = 0;
}

int Stream::descriptor() const
{
    return tls_ ? tls_->socket.native_handle() : socket_.native_handle();
}

void Stream::reset()
{
    const linger at_once{1, 0};
    ::setsockopt(descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

std::optional<int> Stream::abandon()
{
    std::optional<int> descriptor;
    if (tls_ && tls_->socket.is_open()) {
        error_code error;
        const int released = tls_->socket.release(error);
        descriptor = error ? std::nullopt : std::optional(released);
    } else if (socket_.is_open()) {
        descriptor = socket_.release();
    }
    close();
    return descriptor;
}

} // namespace squall::drivers
