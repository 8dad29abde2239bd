// What a server of JSON-RPC writes: the same lines and the same verdicts whole and in pieces, nothing kept beyond the
// limit, answers only to what was asked, and never a crash; and event streams.
#include "drivers/event_stream.hpp"
#include "drivers/line_reader.hpp"
#include "drivers/rpc_message.hpp"

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace squall::drivers;
using Heard = RpcConversation::Heard;

constexpr std::size_t limit = 512;

struct Seen {
    std::vector<std::string> lines;
    bool too_long = false;

    bool operator==(const Seen&) const = default;
};

Seen lines_of(std::string_view bytes, std::size_t piece)
{
    LineReader reader(limit);
    Seen seen;
    while (!bytes.empty() && !reader.is_too_long()) {
        auto part = bytes.substr(0, piece);
        bytes.remove_prefix(part.size());
        while (const auto line = reader.next(part)) {
            seen.lines.emplace_back(*line);
        }
        if (reader.kept() > limit || (!part.empty() && !reader.is_too_long())) {
            std::abort();
        }
    }
    seen.too_long = reader.is_too_long();
    return seen;
}

void listen(const Seen& seen)
{
    RpcConversation conversation;
    std::string sent;
    std::string reply;
    conversation.call("first", "", sent);
    conversation.call("second", "{}", sent);
    for (const auto& line : seen.lines) {
        const bool awaited = conversation.awaits();
        const auto heard = conversation.hear(line, reply);
        if (heard == Heard::answer && (!awaited || !conversation.answer().is_object())) {
            std::abort();
        }
        if (heard == Heard::broken && conversation.problem().empty()) {
            std::abort();
        }
        (void)conversation.error_of_answer();
    }
    // What we say ourselves must be lines of JSON-RPC, too.
    RpcConversation server;
    std::string_view rest = reply;
    LineReader replies(1U << 20U);
    while (const auto line = replies.next(rest)) {
        std::string unused;
        if (line->find("\"jsonrpc\":\"2.0\"") == std::string_view::npos) {
            std::abort();
        }
        (void)server.hear(*line, unused);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = lines_of(bytes, bytes.size() + 1);
    if (whole != lines_of(bytes, 1U + data[0] % 64U)) {
        std::abort();
    }
    listen(whole);
    EventStream stream(bytes);
    std::size_t total = 0;
    for (auto event = stream.next(); event; event = stream.next()) {
        total += event->size();
    }
    if (total > bytes.size()) {
        std::abort();
    }
    return 0;
}
