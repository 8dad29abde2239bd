#include "probes/files.hpp"

#include "catch.hpp"
#include "run_task.hpp"

#include <filesystem>
#include <fstream>

using namespace squall;
using namespace squall::probes;

namespace {

struct Folder {
    Folder()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "squall-test-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path = pattern;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

ProbeReading look(const std::string& pattern)
{
    asio::io_context io;
    const auto probe = make_files_probe("locks", pattern);
    return testing::run_task(io, probe->read(testing::in(std::chrono::seconds(1))));
}

} // namespace

TEST_CASE("files that match are counted with their bytes")
{
    const Folder folder;
    std::ofstream(folder.path / "a.lock") << "12345";
    std::ofstream(folder.path / "b.lock") << "678";
    std::ofstream(folder.path / "b.wal") << "not this";
    std::filesystem::create_directory(folder.path / "c.lock");
    std::filesystem::create_symlink(folder.path / "a.lock", folder.path / "d.lock");

    const auto reading = look((folder.path / "*.lock").string());
    CHECK_FALSE(reading.failure.has_value());
    REQUIRE(reading.gauges.size() == 2);
    CHECK(reading.gauges[0].name == "locks.count");
    CHECK(reading.gauges[0].value == 2);
    CHECK(reading.gauges[1].name == "locks.bytes");
    CHECK(reading.gauges[1].value == 8);

    SECTION("no match is none, also in a folder that does not exist yet")
    {
        for (const auto* pattern : {"*.tmp", "not-there/*", "a.lock/*"}) {
            const auto none = look((folder.path / pattern).string());
            CHECK_FALSE(none.failure.has_value());
            CHECK(none.gauges.at(0).value == 0);
        }
    }
}

TEST_CASE("what a database or an editor leaves behind matches its pattern")
{
    const Folder folder;
    for (const auto* name :
         {"notes.sqlite", "notes.sqlite-wal", "notes.sqlite-shm", "a.lock", "b\n.lock", ".~lock.c#"}) {
        std::ofstream(folder.path / name) << "1234";
    }
    const auto count = [&folder](const std::string& pattern) {
        return look((folder.path / pattern).string()).gauges.at(0).value;
    };
    CHECK(count("*-wal") == 1);
    CHECK(count("*-shm") == 1);
    CHECK(count("*-[ws]??") == 2);
    CHECK(count("*.lock") == 2);  // also one with a line end in its name
    CHECK(count(".*lock*") == 1); // hidden ones where the pattern says so
    CHECK(count("*lock*") == 2);
    std::filesystem::remove(folder.path / "notes.sqlite-wal");
    CHECK(count("*-wal") == 0);
}
