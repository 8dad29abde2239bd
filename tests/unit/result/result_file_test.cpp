#include "catch.hpp"
#include "fill.hpp"

#include "result/result_file.hpp"
#include "result/run_result_fields.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace squall::result {
namespace {

/// A folder of its own, gone with the object.
class TemporaryFolder {
public:
    TemporaryFolder()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "squall-result-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

RunResult filled_result()
{
    RunResult result;
    Filler filler;
    filler.fill(result);
    result.format = run_result_format;
    return result;
}

std::size_t files_in(const std::filesystem::path& folder)
{
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

} // namespace

TEST_CASE("a result is written and read back by its file or by its folder")
{
    const TemporaryFolder folder;
    const auto file = folder.path() / result_file_name;
    const auto result = filled_result();
    REQUIRE(write_result(file, RunResult{}).has_value());
    REQUIRE(write_result(file, result).has_value()); // over the older one
    CHECK(read_result(file).value() == result);
    CHECK(read_result(folder.path()).value() == result);
    CHECK(files_in(folder.path()) == 1); // no temporary file stays
}

TEST_CASE("a result that cannot be written says why and leaves nothing behind")
{
    const TemporaryFolder folder;

    SECTION("the folder is missing")
    {
        const auto done = write_result(folder.path() / "gone" / "result.json", RunResult{});
        REQUIRE(done.has_error());
        CHECK(done.error().message == "cannot create " + (folder.path() / "gone" / "result.json.part").string() +
                                          ": No such file or directory");
    }
    SECTION("the name is taken by a folder")
    {
        std::filesystem::create_directories(folder.path() / "result.json" / "inside");
        const auto done = write_result(folder.path() / "result.json", RunResult{});
        REQUIRE(done.has_error());
        CHECK_THAT(done.error().message, Catch::Contains("cannot rename the finished result to"));
        CHECK(files_in(folder.path()) == 1);
    }
}

TEST_CASE("a result that cannot be read names the file and the reason")
{
    const TemporaryFolder folder;
    const auto file = folder.path() / result_file_name;

    SECTION("no file")
    {
        CHECK(read_result(folder.path()).error().message ==
              "cannot open the result " + file.string() + ": No such file or directory");
    }
    SECTION("not JSON")
    {
        std::ofstream(file) << "{\"format\": 1,";
        CHECK_THAT(read_result(file).error().message, Catch::StartsWith(file.string() + " is not JSON: "));
    }
    SECTION("a member is wrong")
    {
        std::ofstream(file) << R"({"format": 1, "squall_version": 3})";
        CHECK(read_result(file).error().message ==
              file.string() + ": squall_version: expected a text, found the number 3");
    }
}

} // namespace squall::result
