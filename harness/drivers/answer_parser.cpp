#include "drivers/answer_parser.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace squall::drivers {

namespace {

/// One large answer must not hold its memory for the rest of the run.
void empty(std::string& text)
{
    constexpr std::size_t kept_capacity = 64U * 1024U;
    text.clear();
    if (text.capacity() > kept_capacity) {
        text.shrink_to_fit();
    }
}

} // namespace

void AnswerMemory::clear()
{
    status = 0;
    headers.clear();
    empty(body);
}

void AnswerSpace::clear()
{
    message.clear();
    empty(pending);
    empty(decoded);
}

AnswerParser::AnswerParser(AnswerMemory& memory, AnswerKind kind) : memory_(memory), keep_body_(kind.keep_body)
{
    memory_.clear();
    eager(true);
    skip(kind.answers_head);
    boost::beast::http::basic_parser<false>::header_limit(drivers::header_limit);
    boost::beast::http::basic_parser<false>::body_limit(drivers::body_limit);
}

bool AnswerParser::is_interim() const
{
    return is_done() && memory_.status >= 100 && memory_.status < 200 && memory_.status != 101;
}

void AnswerParser::on_response_impl(int status, text /*reason*/, int /*version*/, error_code& /*error*/)
{
    memory_.status = status;
}

void AnswerParser::on_field_impl(boost::beast::http::field /*field*/, text name, text value, error_code& error)
{
    // Beast holds its limit against each piece that it is given: lines that come one by one never reach it.
    constexpr std::size_t framing = 4; // ": " and the line's end
    field_bytes_ += name.size() + value.size() + framing;
    if (field_bytes_ > drivers::header_limit) {
        error = boost::beast::http::error::header_limit;
        return;
    }
    memory_.headers.add({name.data(), name.size()}, {value.data(), value.size()});
}

void AnswerParser::on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& /*error*/)
{
    // The length is only claimed so far: memory is taken for a modest one, a larger body grows as it comes.
    constexpr std::uint64_t reserved_at_most = 1U << 20U;
    if (keep_body_ && length) {
        memory_.body.reserve(static_cast<std::size_t>(std::min(*length, reserved_at_most)));
    }
}

std::size_t AnswerParser::on_body_impl(text part, error_code& /*error*/)
{
    if (keep_body_) {
        memory_.body.append(part.data(), part.size());
    }
    return part.size();
}

std::size_t AnswerParser::on_chunk_body_impl(std::uint64_t /*remaining*/, text part, error_code& error)
{
    return on_body_impl(part, error);
}

} // namespace squall::drivers
