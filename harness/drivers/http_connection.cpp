#include "drivers/http_connection.hpp"

#include "drivers/redirect.hpp"

#include <array>

namespace squall::drivers {
namespace {

using asio::ip::tcp;

/// A server that sends without end must not keep the thread from its other users and from its deadlines.
constexpr int most_reads_in_a_row = 16;
constexpr std::size_t tls_buffer_bytes = 16U * 1024U;

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

} // namespace

HttpConnection::HttpConnection(asio::any_io_executor executor, const wire::Url& origin)
    : origin_(origin),
      socket_(std::move(executor))
{}

bool HttpConnection::serves(const wire::Url& url) const
{
    return same_origin(origin_, url);
}

Task<error_code> HttpConnection::connect()
{
    error_code error = asio::error::host_not_found;
    for (std::size_t index = 0; index < addresses.size(); ++index) {
        const auto address = addresses[index];
        close();
        socket_.open(address.protocol(), error);
        if (error) {
            co_return error;
        }
        socket_.non_blocking(true, error);
        const auto [connect_error] = co_await socket_.async_connect(address, use_result);
        error = connect_error;
        if (!error) {
            socket_.set_option(tcp::no_delay(true), error);
            co_return error_code();
        }
        if (error == asio::error::operation_aborted) {
            break;
        }
    }
    close();
    co_return error;
}

Task<std::optional<std::string>> HttpConnection::handshake(TlsContext tls)
{
    tls_.emplace(socket_, tls.native());
    SSL* ssl = tls_->native_handle();
    if (!is_address(origin_.host) && SSL_set_tlsext_host_name(ssl, origin_.host.c_str()) != 1) {
        co_return "OpenSSL does not accept the host's name";
    }
    constexpr std::array<unsigned char, 9> protocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_set_alpn_protos(ssl, protocols.data(), protocols.size());
    if (tls.verifies()) {
        tls_->set_verify_callback(asio::ssl::host_name_verification(origin_.host));
    }
    const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::client, use_result);
    if (error && tls_) {
        co_return handshake_text(error, ssl);
    }
    co_return std::nullopt;
}

Task<error_code> HttpConnection::send(std::string_view bytes)
{
    reads_in_a_row_ = 0;
    if (tls_) {
        unsent_.assign(bytes);
        const error_code tls_error = co_await send_tls(unsent_);
        co_return tls_error;
    }
    error_code error;
    const auto sent = socket_.write_some(asio::buffer(bytes), error);
    if (error && error != asio::error::would_block) {
        co_return error;
    }
    if (sent == bytes.size()) {
        co_return error_code();
    }
    unsent_.assign(bytes.substr(sent));
    const auto [rest_error, rest] = co_await asio::async_write(socket_, asio::buffer(unsent_), use_result);
    unsent_ = {};
    co_return rest_error;
}

Task<error_code> HttpConnection::send_tls(std::string_view bytes)
{
    const auto [error, sent] = co_await asio::async_write(*tls_, asio::buffer(bytes), use_result);
    co_return error;
}

Task<error_code> HttpConnection::receive(std::vector<char>& scratch, std::string_view& received)
{
    if (tls_) {
        const error_code tls_error = co_await receive_tls(received);
        co_return tls_error;
    }
    for (;;) {
        // The first bytes of an answer are never there yet: waiting first saves a read that would find nothing.
        if (reads_in_a_row_ == 0 || reads_in_a_row_ >= most_reads_in_a_row) {
            const auto [wait_error] = co_await socket_.async_wait(tcp::socket::wait_read, use_result);
            if (wait_error) {
                co_return wait_error;
            }
            reads_in_a_row_ = 0;
        }
        error_code error;
        const auto count = socket_.read_some(asio::buffer(scratch), error);
        if (error == asio::error::would_block) {
            reads_in_a_row_ = 0;
            continue;
        }
        ++reads_in_a_row_;
        received = std::string_view(scratch.data(), count);
        co_return error;
    }
}

Task<error_code> HttpConnection::receive_tls(std::string_view& received)
{
    tls_buffer_.resize(tls_buffer_bytes);
    const auto [error, count] = co_await tls_->async_read_some(asio::buffer(tls_buffer_), use_result);
    received = std::string_view(tls_buffer_.data(), count);
    co_return error;
}

bool HttpConnection::is_stale()
{
    std::array<char, 1> byte{};
    error_code error;
    const auto count = socket_.receive(asio::buffer(byte), tcp::socket::message_peek, error);
    if (error) {
        return error != asio::error::would_block;
    }
    // TLS leaves session tickets in the socket; bytes that nobody asked for over plain HTTP make it unusable.
    return count > 0 && !tls_;
}

void HttpConnection::close()
{
    error_code ignored;
    socket_.close(ignored);
    open_ = false;
    reads_in_a_row_ = 0;
}

} // namespace squall::drivers
