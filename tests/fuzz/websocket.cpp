// A server's WebSocket frames: the same events whole and in pieces, bounded memory, and never a crash.
#include "drivers/message_deflate.hpp"
#include "drivers/websocket_frames.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace squall::drivers;
using Event = MessageReader::Event;

constexpr std::uint64_t limit = 4096;

struct Seen {
    Event event;
    std::string payload;

    bool operator==(const Seen&) const = default;
};

std::vector<Seen> events_of(std::string_view bytes, std::size_t piece, MessageDeflate* deflate)
{
    MessageReader reader({limit, deflate});
    std::vector<Seen> seen;
    while (!bytes.empty()) {
        auto part = bytes.substr(0, piece);
        bytes.remove_prefix(part.size());
        for (auto event = reader.next(part); event != Event::more; event = reader.next(part)) {
            seen.push_back({event, std::string(reader.payload())});
            if (reader.payload().size() > limit) {
                std::abort();
            }
            if (event == Event::failed) {
                return seen;
            }
        }
        if (!part.empty()) {
            std::abort(); // it wants more and has not taken what there is
        }
    }
    return seen;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    static MessageDeflate deflate;
    auto* agreed = (data[0] & 0x80U) != 0 ? &deflate : nullptr;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (events_of(bytes, bytes.size() + 1, agreed) != events_of(bytes, 1U + data[0] % 64U, agreed)) {
        std::abort();
    }
    return 0;
}
