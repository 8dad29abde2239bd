#include "drivers/inflate.hpp"

#include "base/text.hpp"
#include "drivers/header_list.hpp"

#include <zlib.h>

#include <array>

namespace squall::drivers {
namespace {

constexpr int detect_header = 15 + 32; // zlib manual, inflateInit2
constexpr int without_header = -15;

class Inflater {
public:
    explicit Inflater(int window_bits) : ready_(inflateInit2(&stream_, window_bits) == Z_OK) {}
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    InflateOutcome run(std::string_view encoded, std::uint64_t limit, std::string& out)
    {
        if (!ready_) {
            return InflateOutcome::corrupt;
        }
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(encoded.data()));
        stream_.avail_in = static_cast<uInt>(encoded.size());
        std::array<char, 16384> piece{};
        for (;;) {
            stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
            stream_.avail_out = static_cast<uInt>(piece.size());
            const int code = inflate(&stream_, Z_NO_FLUSH);
            const auto produced = piece.size() - stream_.avail_out;
            if (out.size() + produced > limit) {
                return InflateOutcome::too_large;
            }
            out.append(piece.data(), produced);
            if (code == Z_STREAM_END) {
                if (stream_.avail_in == 0) {
                    return InflateOutcome::done;
                }
                if (inflateReset(&stream_) != Z_OK) {
                    return InflateOutcome::corrupt;
                }
            } else if (code != Z_OK || (produced == 0 && stream_.avail_in == 0)) {
                return InflateOutcome::corrupt;
            }
        }
    }

private:
    z_stream stream_{};
    bool ready_;
};

} // namespace

InflateOutcome inflate_body(std::string_view encoded, std::uint64_t limit, std::string& out)
{
    const auto before = out.size();
    auto outcome = Inflater(detect_header).run(encoded, limit, out);
    if (outcome == InflateOutcome::corrupt) {
        out.resize(before);
        outcome = Inflater(without_header).run(encoded, limit, out);
    }
    if (outcome != InflateOutcome::done) {
        out.resize(before);
    }
    return outcome;
}

bool is_inflatable(std::string_view content_encoding)
{
    const auto coding = trim(content_encoding);
    return same_name(coding, "gzip") || same_name(coding, "x-gzip") || same_name(coding, "deflate");
}

} // namespace squall::drivers
