#include "journal_fixture.hpp"
#include "measure/journal_json.hpp"

#include <cmath>
#include <csignal>
#include <limits>
#include <stdexcept>
#include <sys/resource.h>

using namespace squall::measure;
using squall::Result;

TEST_CASE("what the journal is given it gives back")
{
    const JournalFolder folder;
    Gathered read;

    SECTION("every field of every record, in order")
    {
        auto writer = JournalWriter::create(folder.path(), sample_header());
        REQUIRE(writer.has_value());
        const Stamp stamp{12.345678901, "error", "HTTP 500: \"no\"\n\ttable", "login", "status"};
        const EndRecord end{61.5, true, "interrupted by SIGINT",
                            SelfCheck{14, 16, 2, 1, {"2 socket", "process 7 cat"}}};
        REQUIRE(writer->write(sample_second(1)).has_value());
        REQUIRE(writer->write(stamp).has_value());
        REQUIRE(writer->write(sample_second(2)).has_value());
        REQUIRE(writer->write(end).has_value());
        REQUIRE(writer->sync().has_value());

        const auto summary = read_into(read, folder.path());
        REQUIRE(summary.has_value());
        CHECK(!summary->truncated);
        CHECK(summary->ended);
        CHECK(read.order == "hstse");
        CHECK(read.headers.at(0) == sample_header());
        CHECK(read.seconds.at(0) == sample_second(1));
        CHECK(read.seconds.at(1) == sample_second(2));
        CHECK(read.stamps.at(0) == stamp);
        CHECK(read.ends.at(0) == end);
    }
    SECTION("numbers to the last bit, whatever they are")
    {
        squall::Random random(3);
        SecondRecord second;
        auto& points = second.gauges["any"];
        for (int i = 0; i < 2000; ++i) {
            points.push_back({random.uniform() * 1000,
                              std::ldexp(random.uniform() - 0.5, static_cast<int>(random.between(-1000, 1000)))});
        }
        points.push_back({0, std::numeric_limits<double>::max()});
        points.push_back({0, std::numeric_limits<double>::denorm_min()});
        auto writer = JournalWriter::create(folder.path(), {});
        REQUIRE(writer.has_value());
        REQUIRE(writer->write(second).has_value());
        REQUIRE(read_into(read, folder.path()).has_value());
        REQUIRE(read.seconds.size() == 1);
        CHECK(read.seconds[0] == second);
    }
    SECTION("a gauge that is not a number or infinite costs no record")
    {
        const double infinity = std::numeric_limits<double>::infinity();
        SecondRecord second;
        second.gauges["odd"] = {{1, std::nan("")}, {2, infinity}, {3, -infinity}};
        auto writer = JournalWriter::create(folder.path(), {});
        REQUIRE(writer.has_value());
        REQUIRE(writer->write(second).has_value());
        REQUIRE(writer->write(EndRecord{}).has_value());
        const auto summary = read_into(read, folder.path());
        REQUIRE(summary.has_value());
        CHECK(summary->ended);
        const auto& points = read.seconds.at(0).gauges.at("odd");
        CHECK(std::isnan(points.at(0).value));
        CHECK(points.at(1).value == infinity);
        CHECK(points.at(2).value == -infinity);
    }
    SECTION("text that is not UTF-8, as a service may answer it, costs no record")
    {
        const Stamp stamp{1, "error", std::string("caf\xe9 \xff\xfe \x00 end", 13), "login", "body"};
        auto writer = JournalWriter::create(folder.path(), {});
        REQUIRE(writer.has_value());
        REQUIRE(writer->write(stamp).has_value());
        REQUIRE(read_into(read, folder.path()).has_value());
        REQUIRE(read.stamps.size() == 1);
        CHECK(read.stamps[0] == stamp);
    }
    SECTION("a journal without an end record tells that the run did not end")
    {
        auto writer = JournalWriter::create(folder.path(), sample_header());
        REQUIRE(writer.has_value());
        REQUIRE(writer->write(sample_second(1)).has_value());
        const auto summary = read_into(read, folder.path());
        REQUIRE(summary.has_value());
        CHECK(!summary->ended);
        CHECK(!summary->truncated);
        CHECK(read.order == "hs");
    }
    SECTION("a reader may leave out what it does not want")
    {
        auto writer = JournalWriter::create(folder.path(), sample_header());
        REQUIRE(writer.has_value());
        REQUIRE(writer->write(sample_second(1)).has_value());
        REQUIRE(writer->write(Stamp{}).has_value());
        REQUIRE(writer->write(EndRecord{}).has_value());
        const auto summary = read_journal(folder.path(), {});
        REQUIRE(summary.has_value());
        CHECK(summary->ended);
    }
    SECTION("a moved writer goes on where it was")
    {
        auto writer = JournalWriter::create(folder.path(), sample_header());
        REQUIRE(writer.has_value());
        REQUIRE(writer->write(sample_second(1)).has_value());
        JournalWriter moved = std::move(*writer);
        REQUIRE(moved.write(EndRecord{}).has_value());
        REQUIRE(read_into(read, folder.path()).has_value());
        CHECK(read.order == "hse");
    }
    SECTION("an exception of the visitor is the visitor's, not damage of the journal")
    {
        auto writer = JournalWriter::create(folder.path(), sample_header());
        REQUIRE(writer.has_value());
        REQUIRE(writer->write(sample_second(1)).has_value());
        JournalVisitor visitor;
        visitor.on_second = [](const SecondRecord&) { throw std::logic_error("mine"); };
        CHECK_THROWS_AS((void)read_journal(folder.path(), visitor), std::logic_error);
    }
}

TEST_CASE("a journal that cannot be written says so")
{
    const JournalFolder folder;
    SECTION("a folder that is not there")
    {
        const auto writer = JournalWriter::create(folder.path() + "/nowhere/journal", {});
        REQUIRE(!writer);
        CHECK_THAT(writer.error().message, ContainsSubstring("nowhere/journal"));
    }
    SECTION("a journal is never overwritten")
    {
        REQUIRE(JournalWriter::create(folder.path(), sample_header()).has_value());
        const auto again = JournalWriter::create(folder.path(), sample_header());
        REQUIRE(!again);
        CHECK_THAT(again.error().message, ContainsSubstring("exists"));
    }
    SECTION("when there is no room the record is an error, and what fits later is still read")
    {
        auto writer = JournalWriter::create(folder.path(), sample_header());
        REQUIRE(writer.has_value());
        REQUIRE(writer->write(sample_second(1)).has_value());
        // A limit on the file's size stands in for the full disk: part of the record is written, then it fails.
        struct rlimit before {};
        REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
        struct rlimit tight = before;
        tight.rlim_cur = folder.text().size() + 100;
        const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
        const auto failed = writer->write(sample_second(2));
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
        std::signal(SIGXFSZ, old_handler);

        REQUIRE(!failed);
        CHECK_THAT(failed.error().message, ContainsSubstring("journal.squall"));
        REQUIRE(writer->write(sample_second(3)).has_value());
        Gathered read;
        const auto summary = read_into(read, folder.path());
        REQUIRE(summary.has_value());
        CHECK(!summary->truncated);
        REQUIRE(read.order == "hss");
        CHECK(read.seconds[1] == sample_second(3));
    }
}

TEST_CASE("the header of a journal that knew nothing of leak checks has one dose and a quick one")
{
    auto object = to_json(sample_header());
    SECTION("as journals of 0.1.0 are")
    {
        for (const auto* key : {"doses", "leak_check", "production_rate", "declared_caps", "collected"}) {
            REQUIRE(object.erase(key) == 1);
        }
        auto expected = sample_header();
        expected.doses = {1};
        expected.leak_check = "quick";
        expected.production_rate.reset();
        expected.declared_caps.clear();
        expected.collected.clear();
        CHECK(header_from_json(object) == expected);
    }
    SECTION("but one that says nonsense is damaged")
    {
        object["production_rate"] = -1;
        CHECK_THROWS(header_from_json(object));
        object["production_rate"] = nullptr;
        object["doses"] = boost::json::array{1, 0};
        CHECK_THROWS(header_from_json(object));
    }
}
