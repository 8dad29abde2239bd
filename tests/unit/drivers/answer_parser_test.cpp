#include "drivers/answer_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <catch2/catch.hpp>

#include <string_view>

namespace squall::drivers {
namespace {

namespace http = boost::beast::http;

} // namespace

TEST_CASE("headers without end are refused however they are cut into pieces")
{
    AnswerMemory memory;
    AnswerParser parser(memory, {});
    constexpr std::string_view line = "x-header: value\r\nx"; // the next line's first letter ends this one
    boost::beast::error_code error;
    parser.put(boost::asio::buffer("HTTP/1.1 200 OK\r\n", 17), error);
    // Beast's own limit holds for each piece: lines that come one by one would go on for ever.
    std::size_t lines = 0;
    while (error == http::error::need_more && lines < header_limit) {
        parser.put(boost::asio::buffer(line), error);
        ++lines;
    }
    CHECK(error == http::error::header_limit);
    CHECK(lines * (line.size() - 1) <= header_limit + line.size());
}

} // namespace squall::drivers
