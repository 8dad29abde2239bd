// Encoded histograms: the text as it is, and packed so that the counts behind base64 and zlib are reached. What is
// accepted must encode to what reads back equal.
#include "measure/histogram.hpp"
#include "measure/base64.hpp"

#include <zlib.h>

#include <cstdlib>
#include <string>

namespace {

using squall::measure::Histogram;

void put_32(std::string& out, std::uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        out += static_cast<char>(value >> static_cast<unsigned>(shift));
    }
}

std::string packed(std::string_view payload)
{
    std::string plain;
    put_32(plain, 0x1c849313);
    put_32(plain, static_cast<std::uint32_t>(payload.size()));
    put_32(plain, 0);
    put_32(plain, 3);
    put_32(plain, 0);
    put_32(plain, 1);
    put_32(plain, 0);
    put_32(plain, 3'600'000'000U);
    plain.append("\x3f\xf0\0\0\0\0\0\0", 8);
    plain += payload;
    auto size = compressBound(plain.size());
    std::string stream(size, '\0');
    compress2(reinterpret_cast<Bytef*>(stream.data()), &size, reinterpret_cast<const Bytef*>(plain.data()),
              plain.size(), Z_BEST_SPEED);
    std::string whole;
    put_32(whole, 0x1c849314);
    put_32(whole, static_cast<std::uint32_t>(size));
    return squall::measure::to_base64(whole + stream.substr(0, size));
}

void check(const std::string& text)
{
    const auto histogram = Histogram::decode(text);
    if (!histogram) {
        return;
    }
    const auto again = Histogram::decode(histogram->encode());
    if (!again || !(*again == *histogram)) {
        std::abort();
    }
    if (histogram->value_at(squall::Percentile::of(50)) > histogram->max()) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check(std::string(bytes));
    check(packed(bytes));
    return 0;
}
