// What Redis answers, and commands as users write them: the scanner sees the same in whatever pieces the bytes come,
// and what it finds whole can be read.
#include "drivers/redis_command.hpp"
#include "drivers/resp_scanner.hpp"
#include "drivers/resp_value.hpp"
#include "scenario/command_words.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cstdlib>

namespace {

using namespace squall::drivers;
using State = RespScanner::State;

/// How many bytes belong to the first reply; 0 when it is not whole.
std::size_t whole(std::string_view bytes, std::size_t piece)
{
    RespScanner scanner;
    scanner.expect(1, false);
    const auto size = bytes.size();
    while (!bytes.empty()) {
        auto part = bytes.substr(0, piece);
        const auto given = part.size();
        const auto state = scanner.feed(part);
        bytes.remove_prefix(given - part.size());
        if (state != State::more) {
            return state == State::done ? size - bytes.size() : 0;
        }
    }
    return 0;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto end = whole(bytes, bytes.size() + 1);
    if (end != whole(bytes, 1U + data[0] % 16U)) {
        std::abort();
    }
    if (end > 0) {
        auto reply = bytes.substr(0, end);
        if (take_reply(reply, false) && !reply.empty()) {
            std::abort();
        }
    }
    if (const auto words = squall::scenario::split_command(bytes)) {
        const std::vector<std::string_view> views(words->begin(), words->end());
        std::string command;
        append_command(views, command);
        if (!views.empty() && whole(command, command.size()) != command.size()) {
            std::abort();
        }
    }
    return 0;
}
