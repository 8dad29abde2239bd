#include "target/token.hpp"

#include "base/assert.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <utility>

namespace squall::target {
namespace {

constexpr std::size_t key_bytes = 32;

std::string to_hex(const unsigned char* bytes, std::size_t size)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * size);
    for (std::size_t i = 0; i < size; ++i) {
        text += digits[bytes[i] >> 4U];
        text += digits[bytes[i] & 15U];
    }
    return text;
}

} // namespace

TokenSigner::TokenSigner(std::string secret) : secret_(std::move(secret)) {}

TokenSigner TokenSigner::with_random_key()
{
    std::array<unsigned char, key_bytes> key{};
    SQUALL_ASSERT(RAND_bytes(key.data(), static_cast<int>(key.size())) == 1);
    return TokenSigner(std::string(key.begin(), key.end()));
}

std::string TokenSigner::sign(std::int64_t user_id) const
{
    const auto text = std::to_string(user_id);
    return text + "." + signature(text);
}

std::optional<std::int64_t> TokenSigner::verify(std::string_view token) const
{
    const auto dot = token.find('.');
    if (dot == std::string_view::npos) {
        return std::nullopt;
    }
    const auto text = token.substr(0, dot);
    const auto given = token.substr(dot + 1);
    const auto expected = signature(text);
    if (given.size() != expected.size() || CRYPTO_memcmp(given.data(), expected.data(), given.size()) != 0) {
        return std::nullopt;
    }
    std::int64_t user_id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), user_id);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(user_id) : std::nullopt;
}

std::string TokenSigner::signature(std::string_view text) const
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    const auto* made = HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
                            reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    SQUALL_ASSERT(made != nullptr);
    return to_hex(digest.data(), size);
}

std::optional<std::string_view> bearer_token(std::string_view authorization)
{
    constexpr std::string_view scheme = "Bearer ";
    if (!boost::algorithm::istarts_with(authorization, scheme)) {
        return std::nullopt;
    }
    return authorization.substr(scheme.size());
}

} // namespace squall::target
