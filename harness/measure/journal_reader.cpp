#include "measure/journal.hpp"
#include "measure/journal_json.hpp"

#include <zlib.h>

#include <charconv>
#include <fstream>

namespace squall::measure {
namespace {

namespace json = boost::json;

constexpr std::size_t checksum_letters = 8;
constexpr std::size_t longest_line = 64U << 20U;

/// The record of a line, or why it is none.
Result<json::object> record_of(std::string_view line)
{
    if (line.size() < checksum_letters + 2 || line[checksum_letters] != ' ') {
        return fail("a line that is no record");
    }
    std::uint32_t expected = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + checksum_letters, expected, 16);
    if (error != std::errc{} || end != line.data() + checksum_letters) {
        return fail("a line without a checksum");
    }
    const auto body = line.substr(checksum_letters + 1);
    if (crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())) != expected) {
        return fail("a checksum that does not fit");
    }
    boost::system::error_code bad;
    auto value = json::parse(body, bad);
    if (bad || !value.is_object()) {
        return fail("a record that is not JSON");
    }
    return std::move(value.get_object());
}

/// Reads up to the next newline; false at the end of the file. `complete` tells whether the newline was there.
bool next_line(std::istream& in, std::string& line, bool& complete)
{
    line.clear();
    complete = false;
    for (int letter = in.get(); letter != std::istream::traits_type::eof(); letter = in.get()) {
        if (letter == '\n') {
            complete = true;
            return true;
        }
        line += static_cast<char>(letter);
        if (line.size() > longest_line) {
            return true;
        }
    }
    return !line.empty();
}

void dispatch(const json::object& record, const JournalVisitor& visitor, JournalSummary& summary)
{
    if (record.contains("ended")) {
        summary.ended = true;
        if (visitor.on_end) {
            visitor.on_end(end_from_json(record));
        }
    } else if (record.contains("stamp")) {
        if (visitor.on_stamp) {
            visitor.on_stamp(stamp_from_json(record));
        }
    } else if (visitor.on_second) {
        visitor.on_second(second_from_json(record));
    }
}

Result<void> read_header(std::istream& in, const std::string& path, const JournalVisitor& visitor,
                         std::uint64_t& offset)
{
    std::string line;
    bool complete = false;
    const bool any = next_line(in, line, complete);
    const auto record = any && complete ? record_of(line) : Result<json::object>(fail("nothing to read"));
    if (!record || !record->contains("squall_journal")) {
        return fail("{} is not the journal of a run, or its first line is damaged", path);
    }
    offset = line.size() + 1;
    try {
        const auto header = header_from_json(*record);
        if (header.version > journal_version) {
            return fail("{} was written by a newer squall (journal version {}, this one reads up to {})", path,
                        header.version, journal_version);
        }
        if (visitor.on_header) {
            visitor.on_header(header);
        }
    } catch (const std::exception& error) {
        return fail("{}: the journal's header is not readable: {}", path, error.what());
    }
    return {};
}

} // namespace

Result<JournalSummary> read_journal(const std::string& path, const JournalVisitor& visitor)
{
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return fail("cannot open the journal {}", path);
    }
    JournalSummary summary;
    std::uint64_t offset = 0;
    const auto header = read_header(in, path, visitor, offset);
    if (!header) {
        return header.error();
    }
    std::string line;
    bool complete = false;
    while (next_line(in, line, complete)) {
        const auto record = complete ? record_of(line) : Result<json::object>(fail("a line that was not finished"));
        summary.reason = record ? "" : record.error().message;
        if (record) {
            try {
                dispatch(*record, visitor, summary);
            } catch (const std::exception& error) {
                summary.reason = std::string("a record that is not readable: ") + error.what();
            }
        }
        if (!summary.reason.empty()) {
            summary.truncated = true;
            summary.cut_at_byte = offset;
            return summary;
        }
        offset += line.size() + 1;
    }
    return summary;
}

} // namespace squall::measure
