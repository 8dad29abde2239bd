// Answers of a server: the parser takes anything in pieces, and what the scanner takes the parser takes for the same.
#include "drivers/answer_parser.hpp"
#include "drivers/answer_scanner.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace {

using namespace squall::drivers;

/// The one whole answer that the bytes are, when they are one; given in pieces of at most `piece` new bytes.
std::optional<ScannedAnswer> parsed(std::string_view bytes, std::size_t piece, AnswerMemory& memory)
{
    AnswerParser parser(memory, {true, false});
    std::size_t begin = 0;
    std::size_t end = 0;
    boost::beast::error_code error;
    while (!parser.is_done() && end < bytes.size()) {
        end = std::min(bytes.size(), end + piece);
        error = {};
        std::size_t used = 1;
        while (used > 0 && !error && !parser.is_done() && begin < end) {
            used = parser.put(boost::asio::buffer(bytes.substr(begin, end - begin)), error);
            begin += used;
        }
        if (error && error != boost::beast::http::error::need_more) {
            return std::nullopt;
        }
    }
    if (!parser.is_done() || begin < bytes.size() || parser.is_interim()) {
        return std::nullopt;
    }
    return ScannedAnswer{memory.status, memory.body, parser.keep_alive()};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    static AnswerScanner scanner; // remembers the answer before
    static AnswerMemory memory;
    static AnswerMemory other_memory;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = parsed(bytes, bytes.size() + 1, memory);
    (void)parsed(bytes, 1U + data[0] % 64U, other_memory);
    const auto scanned = scanner.scan(bytes, {true, false, false});
    if (scanned && (!whole || scanned->status != whole->status || scanned->body != whole->body ||
                    scanned->keep_alive != whole->keep_alive)) {
        std::abort();
    }
    return 0;
}
