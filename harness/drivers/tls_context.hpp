// TLS as every driver needs it: who is trusted, and whether to look at all.
#pragma once

#include "base/result.hpp"
#include "wire/task.hpp"

#include <boost/asio/ssl.hpp>

#include <memory>
#include <optional>
#include <string>

namespace squall::drivers {

struct TlsSettings {
    bool verify = true;                 // false: any certificate is accepted (the report must say so)
    std::optional<std::string> ca_file; // PEM; trusted besides the system's own authorities
};

/// TLS 1.2 and newer. Cheap to copy; the context inside may be used by several threads at once.
class TlsContext {
public:
    /// Error: the certificate file cannot be read.
    [[nodiscard]] static Result<TlsContext> create(const TlsSettings& settings);

    [[nodiscard]] asio::ssl::context& native() const { return *context_; }
    [[nodiscard]] bool verifies() const { return verify_; }

private:
    TlsContext(std::shared_ptr<asio::ssl::context> context, bool verify) : context_(std::move(context)), verify_(verify)
    {}

    std::shared_ptr<asio::ssl::context> context_;
    bool verify_ = true;
};

} // namespace squall::drivers
