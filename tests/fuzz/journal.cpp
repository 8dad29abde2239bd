// The journal's reader. Each line gets the checksum that fits, so that what lies behind it is reached too; a first byte
// below 32 leaves the bytes as they are.
#include "measure/journal.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <cstdlib>
#include <sstream>

namespace {

constexpr const char* header =
    R"({"squall_journal":1,"name":"n","scenario":"s","profile":"","seed":"1","started":"","steps":["a","b"]})";

std::string with_checksums(std::string_view text)
{
    std::string lines;
    std::istringstream in{std::string(text)};
    for (std::string line; std::getline(in, line);) {
        const auto checksum = crc32(0, reinterpret_cast<const Bytef*>(line.data()), static_cast<uInt>(line.size()));
        lines += fmt::format("{:08x} {}\n", checksum, line);
    }
    return lines;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    using namespace squall::measure;
    if (size == 0) {
        return 0;
    }
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    std::istringstream in(data[0] < 32 ? std::string(text) : with_checksums(fmt::format("{}\n{}", header, text)));
    Window sum;
    JournalVisitor visitor;
    visitor.on_second = [&sum](const SecondRecord& second) { sum.add(second.window); };
    const auto read = read_journal(in, "fuzz", visitor);
    if (!read && read.error().message.empty()) {
        std::abort();
    }
    return 0;
}
