#include "drivers/tls_context.hpp"

namespace squall::drivers {

Result<TlsContext> TlsContext::create(const TlsSettings& settings)
{
    TlsContext made;
    made.shared_->verify = settings.verify;
    if (!settings.verify || !settings.ca_file) {
        return made;
    }
    // A file that cannot be read is told at the start, not by the first connection.
    error_code error;
    made.shared_->context.emplace(asio::ssl::context::tls_client).load_verify_file(*settings.ca_file, error);
    if (error) {
        return fail("cannot read the certificates in {}: {}; expected a PEM file", *settings.ca_file, error.message());
    }
    return made;
}

asio::ssl::context& TlsContext::native() const
{
    std::call_once(shared_->made, [this] {
        auto& context = shared_->context ? *shared_->context : shared_->context.emplace(asio::ssl::context::tls_client);
        if (SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION) != 1) {
            throw boost::system::system_error(asio::error::no_memory, "OpenSSL cannot be told to use TLS 1.2 or newer");
        }
        context.set_verify_mode(shared_->verify ? asio::ssl::verify_peer : asio::ssl::verify_none);
        if (shared_->verify) {
            // A machine without the system's authorities may still verify against the scenario's own.
            error_code ignored;
            context.set_default_verify_paths(ignored);
        }
    });
    return *shared_->context;
}

} // namespace squall::drivers
