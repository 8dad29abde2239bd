// Reads one HTTP/1.1 answer as its bytes come, into memory that is used again.
#pragma once

#include "drivers/header_list.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace squall::drivers {

constexpr std::uint32_t header_limit = 64U * 1024U;
constexpr std::uint64_t body_limit = 64ULL * 1024 * 1024;

/// Where an answer is put together; lives longer than the parser.
struct AnswerMemory {
    int status = 0;
    HeaderList headers;
    std::string body; // as sent, without the chunk framing; filled only where it is kept

    void clear();
};

/// All that one answer needs while it is read and looked at; used again for others.
struct AnswerSpace {
    AnswerMemory message;
    std::string pending; // bytes that the parser could not use yet
    std::string decoded; // the body without its content coding

    /// Keeps memory of a modest size.
    void clear();
};

/// What the parser must know of the request that is answered.
struct AnswerKind {
    bool keep_body = false;
    bool answers_head = false;
};

/// Beast's parser, writing into an AnswerMemory. One a message.
class AnswerParser final : public boost::beast::http::basic_parser<false> {
public:
    AnswerParser(AnswerMemory& memory, AnswerKind kind);

    /// 100 Continue and its like: not the answer yet.
    [[nodiscard]] bool is_interim() const;

private:
    using error_code = boost::beast::error_code;
    using text = boost::beast::string_view;

    void on_request_impl(boost::beast::http::verb, text, text, int, error_code&) override {}
    void on_response_impl(int status, text reason, int version, error_code& error) override;
    void on_field_impl(boost::beast::http::field field, text name, text value, error_code& error) override;
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& error) override;
    std::size_t on_body_impl(text part, error_code& error) override;
    void on_chunk_header_impl(std::uint64_t, text, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t remaining, text part, error_code& error) override;
    void on_finish_impl(error_code&) override {}

    AnswerMemory& memory_;
    bool keep_body_;
    std::size_t field_bytes_ = 0;
};

} // namespace squall::drivers
