#include "catch.hpp"
#include "target/token.hpp"

using namespace squall::target;

TEST_CASE("a token tells its user and nobody else can make one")
{
    const TokenSigner signer("a key");
    const auto token = signer.sign(42);
    CHECK(signer.verify(token) == 42);

    SECTION("another key does not know it")
    {
        CHECK_FALSE(TokenSigner("another key").verify(token));
        CHECK_FALSE(TokenSigner::with_random_key().verify(token));
    }
    SECTION("another user cannot borrow the signature")
    {
        CHECK_FALSE(signer.verify("43" + token.substr(2)));
    }
    SECTION("what is cut, empty or strange is refused")
    {
        CHECK_FALSE(signer.verify(token.substr(0, token.size() - 1)));
        CHECK_FALSE(signer.verify(""));
        CHECK_FALSE(signer.verify("."));
        CHECK_FALSE(signer.verify("42"));
    }
}

TEST_CASE("the signature is HMAC-SHA256 of the user's id")
{
    // printf 42 | openssl dgst -sha256 -hmac key
    CHECK(TokenSigner("key").sign(42) == "42.f2991b7ce981d0b5adc5e6a0f31acaeb407bfc21354bbcc31a0c43eaffa83d65");
}

TEST_CASE("only the Bearer scheme carries a token")
{
    CHECK(bearer_token("Bearer abc") == "abc");
    CHECK(bearer_token("bearer abc") == "abc");
    CHECK_FALSE(bearer_token("Basic abc"));
    CHECK_FALSE(bearer_token(""));
}
