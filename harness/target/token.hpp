// Session tokens without a table of sessions: what is signed need not be remembered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace squall::target {

/// Tokens read "<user id>.<hex of HMAC-SHA256 of it>". Thread-safe.
class TokenSigner {
public:
    /// `secret` is the key; a random one by with_random_key().
    explicit TokenSigner(std::string secret);
    [[nodiscard]] static TokenSigner with_random_key();

    [[nodiscard]] std::string sign(std::int64_t user_id) const;
    /// The user's id; nothing for a token that this signer did not make.
    [[nodiscard]] std::optional<std::int64_t> verify(std::string_view token) const;

private:
    [[nodiscard]] std::string signature(std::string_view text) const;

    std::string secret_;
};

/// The token of an "Authorization: Bearer …" header's value; nothing for another scheme.
[[nodiscard]] std::optional<std::string_view> bearer_token(std::string_view authorization);

} // namespace squall::target
