#include "measure/journal.hpp"
#include "measure/journal_json.hpp"

#include <zlib.h>

#include <charconv>
#include <fstream>
#include <variant>

namespace squall::measure {
namespace {

namespace json = boost::json;

constexpr std::size_t checksum_letters = 8;
constexpr std::size_t longest_line = 64U << 20U;

/// The JSON of a line, or why there is none.
Result<json::object> object_of(std::string_view line)
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
    // Text of services need not be UTF-8; the checksum vouches for it.
    json::parse_options options;
    options.allow_invalid_utf8 = true;
    auto value = json::parse(body, bad, {}, options);
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
    if (in.peek() == std::istream::traits_type::eof()) {
        return false; // also what cannot be read: a folder
    }
    auto& bytes = *in.rdbuf();
    for (int letter = bytes.sbumpc(); letter != std::istream::traits_type::eof(); letter = bytes.sbumpc()) {
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

using Record = std::variant<SecondRecord, Stamp, EndRecord>;

Result<Record> understood(const json::object& record)
{
    try {
        if (record.contains("ended")) {
            return Record(end_from_json(record));
        }
        if (record.contains("stamp")) {
            return Record(stamp_from_json(record));
        }
        return Record(second_from_json(record));
    } catch (const std::exception& error) {
        return fail("a record that is not readable: {}", error.what());
    }
}

struct Dispatch {
    const JournalVisitor& visitor;
    JournalSummary& summary;

    void operator()(const SecondRecord& second) const
    {
        if (visitor.on_second) {
            visitor.on_second(second);
        }
    }
    void operator()(const Stamp& stamp) const
    {
        if (visitor.on_stamp) {
            visitor.on_stamp(stamp);
        }
    }
    void operator()(const EndRecord& end) const
    {
        summary.ended = true;
        if (visitor.on_end) {
            visitor.on_end(end);
        }
    }
};

Result<void> read_header(std::istream& in, const std::string& name, const JournalVisitor& visitor,
                         std::uint64_t& offset)
{
    std::string line;
    bool complete = false;
    const bool any = next_line(in, line, complete);
    const auto record = any && complete ? object_of(line) : Result<json::object>(fail("nothing to read"));
    if (!record || !record->contains("squall_journal")) {
        return fail("{} is not the journal of a run, or its first line is damaged", name);
    }
    offset = line.size() + 1;
    JournalHeader header;
    try {
        // Before the rest, which another version may have in another form.
        const auto version = record->at("squall_journal").to_number<int>();
        if (version > journal_version) {
            return fail("{} was written by a newer squall (journal version {}, this one reads up to {})", name, version,
                        journal_version);
        }
        header = header_from_json(*record);
    } catch (const std::exception& error) {
        return fail("{}: the journal's header is not readable: {}", name, error.what());
    }
    if (visitor.on_header) {
        visitor.on_header(header);
    }
    return {};
}

/// The record of a line that `complete` says was finished.
Result<Record> record_of(const std::string& line, bool complete)
{
    if (!complete) {
        return line.size() > longest_line ? fail("a line longer than 64 MiB") : fail("a line that was not finished");
    }
    const auto object = object_of(line);
    return object ? understood(*object) : Result<Record>(object.error());
}

} // namespace

Result<JournalSummary> read_journal(const std::string& path, const JournalVisitor& visitor)
{
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return fail("cannot open the journal {}", path);
    }
    return read_journal(in, path, visitor);
}

Result<JournalSummary> read_journal(std::istream& in, const std::string& name, const JournalVisitor& visitor)
{
    JournalSummary summary;
    std::uint64_t offset = 0;
    const auto header = read_header(in, name, visitor, offset);
    if (!header) {
        return header.error();
    }
    std::string line;
    bool complete = false;
    while (next_line(in, line, complete)) {
        const auto record = record_of(line, complete);
        if (!record) {
            summary.truncated = true;
            summary.cut_at_byte = offset;
            summary.reason = record.error().message;
            return summary;
        }
        std::visit(Dispatch{visitor, summary}, *record);
        offset += line.size() + 1;
    }
    return summary;
}

} // namespace squall::measure
