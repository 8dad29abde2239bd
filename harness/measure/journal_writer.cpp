#include "measure/journal.hpp"
#include "measure/journal_json.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <tuple>
#include <utility>

namespace squall::measure {
namespace {

std::uint32_t checksum(const std::string& text)
{
    return static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

} // namespace

Result<JournalWriter> JournalWriter::create(const std::string& path, const JournalHeader& header)
{
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) {
        return fail("cannot create the journal {}: {}", path, std::strerror(errno));
    }
    JournalWriter writer(file, path);
    auto written = writer.append(boost::json::serialize(to_json(header)));
    if (!written) {
        return written.error();
    }
    return writer;
}

JournalWriter::~JournalWriter()
{
    if (file_ >= 0) {
        ::close(file_);
    }
}

JournalWriter::JournalWriter(JournalWriter&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      path_(std::move(other.path_)),
      size_(std::exchange(other.size_, 0))
{}

JournalWriter& JournalWriter::operator=(JournalWriter&& other) noexcept
{
    std::swap(file_, other.file_);
    std::swap(path_, other.path_);
    std::swap(size_, other.size_);
    return *this;
}

Result<void> JournalWriter::write(const SecondRecord& record)
{
    return append(boost::json::serialize(to_json(record)));
}

Result<void> JournalWriter::write(const Stamp& record)
{
    return append(boost::json::serialize(to_json(record)));
}

Result<void> JournalWriter::write(const EndRecord& record)
{
    return append(boost::json::serialize(to_json(record)));
}

Result<void> JournalWriter::append(const std::string& json)
{
    const auto line = fmt::format("{:08x} {}\n", checksum(json), json);
    std::string_view rest = line;
    while (!rest.empty()) {
        const auto written = ::write(file_, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            const auto error = fail("cannot write the journal {}: {}", path_, std::strerror(errno));
            // A torn line would hide every later one from the reader, also when there is room again.
            std::ignore = ::ftruncate(file_, size_);
            return error;
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    size_ += static_cast<off_t>(line.size());
    return {};
}

Result<void> JournalWriter::sync()
{
    if (::fdatasync(file_) != 0) {
        return fail("cannot bring the journal {} to the disk: {}", path_, std::strerror(errno));
    }
    return {};
}

} // namespace squall::measure
