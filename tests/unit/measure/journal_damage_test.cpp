#include "journal_fixture.hpp"

#include <fmt/format.h>
#include <zlib.h>

using namespace squall::measure;

namespace {

std::string line_of(const std::string& json)
{
    const auto checksum = crc32(0, reinterpret_cast<const Bytef*>(json.data()), static_cast<unsigned>(json.size()));
    return fmt::format("{:08x} {}\n", checksum, json);
}

const SecondRecord& first_second()
{
    static const SecondRecord second = sample_second(1, 2);
    return second;
}

/// A header, a second, a stamp and a second: the last line is the one that is damaged.
std::string write_journal(const JournalFolder& folder)
{
    auto writer = JournalWriter::create(folder.path(), sample_header());
    REQUIRE(writer.has_value());
    REQUIRE(writer->write(first_second()).has_value());
    REQUIRE(writer->write(Stamp{1.5, "note", "half", "", ""}).has_value());
    REQUIRE(writer->write(sample_second(2, 2)).has_value());
    return folder.text();
}

std::size_t last_line_of(const std::string& text)
{
    return text.rfind('\n', text.size() - 2) + 1;
}

void check_cut(const JournalFolder& folder, std::size_t at)
{
    Gathered read;
    const auto summary = read_into(read, folder.path());
    REQUIRE(summary.has_value());
    CHECK(summary->truncated);
    CHECK(summary->cut_at_byte == at);
    CHECK(!summary->reason.empty());
    CHECK(!summary->ended);
    REQUIRE(read.order == "hst");
    CHECK(read.seconds[0] == first_second());
}

} // namespace

TEST_CASE("a damaged tail of the journal is cut, and all before it is read")
{
    const JournalFolder folder;
    const auto whole = write_journal(folder);
    const auto last = last_line_of(whole);

    SECTION("torn at every byte of the last record")
    {
        folder.replace(whole.substr(0, last));
        Gathered without_last;
        const auto clean = read_into(without_last, folder.path());
        REQUIRE(clean.has_value());
        CHECK(!clean->truncated);
        for (std::size_t length = last + 1; length < whole.size(); ++length) {
            INFO("cut to " << length << " bytes");
            folder.replace(whole.substr(0, length));
            check_cut(folder, last);
        }
    }
    SECTION("any byte of the last record changed")
    {
        for (std::size_t at = last; at < whole.size(); ++at) {
            INFO("byte " << at);
            auto text = whole;
            text[at] = static_cast<char>(text[at] ^ 0x01);
            folder.replace(text);
            check_cut(folder, last);
        }
    }
    SECTION("bytes of zero, as a file system leaves them after a crash")
    {
        folder.replace(whole.substr(0, last) + std::string(5000, '\0'));
        check_cut(folder, last);
    }
    SECTION("an empty line")
    {
        folder.replace(whole.substr(0, last) + "\n" + whole.substr(last));
        check_cut(folder, last);
    }
    SECTION("a whole record of an unknown kind, or with a member of another kind")
    {
        for (const char* json : {"{}", "[]", "null", R"({"weather":"rain"})", R"({"stamp":1,"at":0})",
                                 R"({"ended":"never","interrupted":false,"reason":""})", "{\"stamp\":"}) {
            INFO(json);
            folder.replace(whole.substr(0, last) + line_of(json));
            check_cut(folder, last);
        }
    }
    SECTION("a histogram that is none, under a checksum that fits")
    {
        const auto good = whole.substr(last + 9, whole.size() - last - 10);
        auto bad = good;
        bad.replace(bad.find("HISTFA"), 6, "HISTFB");
        folder.replace(whole.substr(0, last) + line_of(good));
        Gathered read;
        REQUIRE(read_into(read, folder.path()).has_value());
        REQUIRE(read.order == "hsts"); // the line itself is well made
        folder.replace(whole.substr(0, last) + line_of(bad));
        check_cut(folder, last);
    }
    SECTION("damage in the middle cuts what follows too, for its order can no longer be trusted")
    {
        auto text = whole;
        const auto second_line = text.find('\n') + 1;
        text[second_line + 20] = '#';
        folder.replace(text);
        Gathered read;
        const auto summary = read_into(read, folder.path());
        REQUIRE(summary.has_value());
        CHECK(summary->truncated);
        CHECK(summary->cut_at_byte == second_line);
        CHECK(read.order == "h");
    }
    SECTION("a line without end is not read into memory for ever")
    {
        folder.replace(whole.substr(0, last) + std::string((64U << 20U) + 2, 'a') + "\n");
        check_cut(folder, last);
        CHECK_THAT(read_journal(folder.path(), {})->reason, ContainsSubstring("64 MiB"));
    }
}

TEST_CASE("a file that is no journal of ours is an error that says why")
{
    const JournalFolder folder;
    SECTION("missing")
    {
        const auto read = read_journal(folder.path(), {});
        REQUIRE(!read);
        CHECK_THAT(read.error().message, ContainsSubstring(folder.path()));
    }
    SECTION("empty, foreign, a folder, or with a damaged header")
    {
        const auto whole = write_journal(folder);
        const auto header_end = whole.find('\n') + 1;
        for (const auto& text :
             {std::string(), std::string("\n"), std::string("hello\nworld\n"), line_of(R"({"stamp":"note"})"),
              whole.substr(0, header_end - 1), (whole[0] == '0' ? "1" : "0") + whole.substr(1),
              line_of(R"({"squall_journal":1})"), line_of(R"({"squall_journal":"one"})"), std::string(1000, '\0')}) {
            INFO(text.substr(0, 60));
            folder.replace(text);
            Gathered read;
            const auto summary = read_into(read, folder.path());
            REQUIRE(!summary);
            CHECK_THAT(summary.error().message, ContainsSubstring(folder.path()));
            CHECK(read.order.empty());
        }
        CHECK(!read_journal(std::filesystem::temp_directory_path().string(), {}));
    }
    SECTION("written by a newer version, whatever that has in its header")
    {
        folder.replace(line_of(R"({"squall_journal":2,"all":"different"})"));
        const auto read = read_journal(folder.path(), {});
        REQUIRE(!read);
        CHECK_THAT(read.error().message, ContainsSubstring("newer"));
        CHECK_THAT(read.error().message, ContainsSubstring("version 2"));
    }
}
