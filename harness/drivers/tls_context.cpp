#include "drivers/tls_context.hpp"

namespace squall::drivers {

Result<TlsContext> TlsContext::create(const TlsSettings& settings)
{
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    error_code error;
    if (SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1) {
        return fail("OpenSSL cannot be told to use TLS 1.2 or newer");
    }
    if (!settings.verify) {
        context->set_verify_mode(asio::ssl::verify_none);
        return TlsContext(std::move(context), false);
    }
    context->set_verify_mode(asio::ssl::verify_peer);
    // A machine without the system's authorities may still verify against the scenario's own.
    context->set_default_verify_paths(error);
    if (settings.ca_file) {
        context->load_verify_file(*settings.ca_file, error);
        if (error) {
            return fail("cannot read the certificates in {}: {}; expected a PEM file", *settings.ca_file,
                        error.message());
        }
    }
    return TlsContext(std::move(context), true);
}

} // namespace squall::drivers
