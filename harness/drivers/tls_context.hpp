// TLS as every driver needs it: who is trusted, and whether to look at all.
#pragma once

#include "base/result.hpp"
#include "wire/task.hpp"

#include <boost/asio/ssl.hpp>

#include <memory>
#include <mutex>
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

    /// OpenSSL is set to work, and the system's authorities are read, when this is first called: a run without TLS
    /// pays neither their time nor their memory. Throws boost::system::system_error when OpenSSL has no memory.
    [[nodiscard]] asio::ssl::context& native() const;
    [[nodiscard]] bool verifies() const { return shared_->verify; }

private:
    struct Shared {
        std::optional<asio::ssl::context> context; // empty until it is needed
        bool verify = true;
        std::once_flag made;
    };

    TlsContext() : shared_(std::make_shared<Shared>()) {}

    std::shared_ptr<Shared> shared_;
};

} // namespace squall::drivers
