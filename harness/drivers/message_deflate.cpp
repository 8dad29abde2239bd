#include "drivers/message_deflate.hpp"

#include <zlib.h>

#include <array>

namespace squall::drivers {
namespace {

constexpr int raw_window = -15;
constexpr int memory_level = 8; // zlib's default
constexpr std::string_view flush_tail("\x00\x00\xFF\xFF", 4);
constexpr std::size_t piece_bytes = 16384;

Bytef* bytes_of(std::string_view text)
{
    return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); // NOLINT: zlib does not write there
}

} // namespace

struct MessageDeflate::Streams {
    Streams()
    {
        deflating = deflateInit2(&deflater, Z_DEFAULT_COMPRESSION, Z_DEFLATED, raw_window, memory_level,
                                 Z_DEFAULT_STRATEGY) == Z_OK;
        inflating = inflateInit2(&inflater, raw_window) == Z_OK;
    }
    ~Streams()
    {
        deflateEnd(&deflater);
        inflateEnd(&inflater);
    }
    Streams(const Streams&) = delete;
    Streams& operator=(const Streams&) = delete;

    /// Inflates one piece of input.
    InflateOutcome feed(std::string_view input, std::uint64_t limit, std::size_t before, std::string& out)
    {
        inflater.next_in = bytes_of(input);
        inflater.avail_in = static_cast<uInt>(input.size());
        std::array<char, piece_bytes> piece; // NOLINT(cppcoreguidelines-pro-type-member-init): written by zlib
        for (;;) {
            inflater.next_out = reinterpret_cast<Bytef*>(piece.data());
            inflater.avail_out = static_cast<uInt>(piece.size());
            const int code = inflate(&inflater, Z_SYNC_FLUSH);
            const auto produced = piece.size() - inflater.avail_out;
            if (out.size() - before + produced > limit) {
                return InflateOutcome::too_large;
            }
            out.append(piece.data(), produced);
            if (code == Z_STREAM_END) {
                ended = true;
                // A block marked as the last may be followed by one byte of padding (section 7.2.3.5).
                return inflater.avail_in <= 1 ? InflateOutcome::done : InflateOutcome::corrupt;
            }
            if (code != Z_OK && code != Z_BUF_ERROR) {
                return InflateOutcome::corrupt;
            }
            if (inflater.avail_in == 0 && inflater.avail_out > 0) {
                return InflateOutcome::done;
            }
            if (produced == 0 && code == Z_BUF_ERROR) {
                return InflateOutcome::corrupt;
            }
        }
    }

    z_stream deflater{};
    z_stream inflater{};
    bool deflating = false;
    bool inflating = false;
    bool ended = false;
};

MessageDeflate::MessageDeflate() = default;
MessageDeflate::~MessageDeflate() = default;

bool MessageDeflate::compress(std::string_view text, std::string& out)
{
    if (!streams_) {
        streams_ = std::make_unique<Streams>();
    }
    auto& stream = streams_->deflater;
    if (!streams_->deflating || deflateReset(&stream) != Z_OK) {
        return false;
    }
    stream.next_in = bytes_of(text);
    stream.avail_in = static_cast<uInt>(text.size());
    std::array<char, piece_bytes> piece; // NOLINT(cppcoreguidelines-pro-type-member-init): written by zlib
    do {
        stream.next_out = reinterpret_cast<Bytef*>(piece.data());
        stream.avail_out = static_cast<uInt>(piece.size());
        const int code = deflate(&stream, Z_SYNC_FLUSH);
        if (code != Z_OK && code != Z_BUF_ERROR) {
            return false;
        }
        out.append(piece.data(), piece.size() - stream.avail_out);
    } while (stream.avail_out == 0);
    out.resize(out.size() - flush_tail.size()); // the other side puts it back
    return true;
}

InflateOutcome MessageDeflate::decompress(std::string_view payload, std::uint64_t limit, std::string& out)
{
    if (!streams_) {
        streams_ = std::make_unique<Streams>();
    }
    if (!streams_->inflating || inflateReset(&streams_->inflater) != Z_OK) {
        return InflateOutcome::corrupt;
    }
    streams_->ended = false;
    const auto before = out.size();
    auto outcome = streams_->feed(payload, limit, before, out);
    if (outcome == InflateOutcome::done && !streams_->ended) {
        outcome = streams_->feed(flush_tail, limit, before, out);
    }
    return outcome;
}

} // namespace squall::drivers
