#include "drivers/tls_context.hpp"

namespace squall::drivers {

Result<TlsContext> TlsContext::create(const TlsSettings& settings)
{
    TlsContext made;
    auto& context = made.shared_->context;
    if (SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION) != 1) {
        return fail("OpenSSL cannot be told to use TLS 1.2 or newer");
    }
    if (!settings.verify) {
        context.set_verify_mode(asio::ssl::verify_none);
        made.shared_->verify = false;
        return made;
    }
    context.set_verify_mode(asio::ssl::verify_peer);
    if (settings.ca_file) {
        error_code error;
        context.load_verify_file(*settings.ca_file, error);
        if (error) {
            return fail("cannot read the certificates in {}: {}; expected a PEM file", *settings.ca_file,
                        error.message());
        }
    }
    return made;
}

asio::ssl::context& TlsContext::native() const
{
    std::call_once(shared_->authorities_read, [this] {
        // A machine without the system's authorities may still verify against the scenario's own.
        error_code ignored;
        if (shared_->verify) {
            shared_->context.set_default_verify_paths(ignored);
        }
    });
    return shared_->context;
}

} // namespace squall::drivers
