// histograms.hlog, opened by HdrHistogram's own tool (Debian: libhdrhistogram-java).
#include "engine/histogram_file.hpp"

#include "base/random.hpp"
#include "engine/run_folder.hpp"
#include "measure/journal.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <sstream>
#include <stdlib.h>

namespace squall::engine {
namespace {

namespace fs = std::filesystem;
using measure::Histogram;

class RunFolder {
public:
    RunFolder()
    {
        auto pattern = (fs::temp_directory_path() / "squall-hlog-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path = pattern;
    }
    ~RunFolder() { fs::remove_all(path); }
    RunFolder(const RunFolder&) = delete;
    RunFolder& operator=(const RunFolder&) = delete;

    std::string path;
};

/// Cumulative share → value, as the tool prints its percentile distribution.
using Distribution = std::map<double, double>;

Distribution processed_by_java(const std::string& folder, const std::string& options)
{
    const auto command = fmt::format("timeout 60 java -cp /usr/share/java/hdrhistogram.jar "
                                     "org.HdrHistogram.HistogramLogProcessor -i {}/{} -outputValueUnitRatio 1 {} 2>&1",
                                     folder, histogram_file_name, options);
    FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string text;
    std::array<char, 4096> buffer{};
    while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) {
        text += buffer.data();
    }
    INFO(command << '\n' << text);
    REQUIRE(::pclose(pipe) == 0);
    Distribution distribution;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        double value = 0;
        double share = 0;
        std::uint64_t count = 0;
        if (std::sscanf(line.c_str(), "%lf %lf %lu", &value, &share, &count) == 3 && share > 0) {
            distribution[share] = value;
        }
    }
    REQUIRE(distribution.size() > 10);
    return distribution;
}

void check_equal(const Distribution& java, const Histogram& ours)
{
    for (const auto& [share, value] : java) {
        CAPTURE(share);
        const auto percentile = ours.value_at(Percentile::of(share * 100));
        // Java knows the ends of the buckets only, we the exact extremes.
        CHECK(value >= std::chrono::duration<double, std::micro>(percentile).count());
        CHECK(value <= std::chrono::duration<double, std::micro>(percentile).count() * 1.001);
        if (share < 0.99) {
            CHECK(percentile == std::chrono::microseconds(std::llround(value)));
        }
    }
}

measure::SecondRecord second_of(int number, measure::Phase phase, Random& random, Duration typical)
{
    measure::SecondRecord second;
    second.begin_seconds = number;
    second.end_seconds = number + 1;
    second.phase = phase;
    second.window.steps.resize(2);
    for (auto& step : second.window.steps) {
        step.requests = 2000;
        for (int sample = 0; sample < 2000; ++sample) {
            step.service.record(from_seconds(random.exponential(1 / to_seconds(typical))));
            step.response.record(from_seconds(random.exponential(0.5 / to_seconds(typical))));
        }
    }
    return second;
}

} // namespace

TEST_CASE("HdrHistogram's own tool opens histograms.hlog with equal percentiles")
{
    const RunFolder folder;
    measure::JournalHeader header;
    header.started = "2026-03-04T05:06:07Z";
    header.steps = {"log in, then out", "meals"};
    Random random(7);
    Histogram all_responses;
    Histogram login_service;
    {
        auto journal = measure::JournalWriter::create(fmt::format("{}/{}", folder.path, journal_name), header);
        REQUIRE(journal.has_value());
        // What the primer measured would be seen at once: it is a thousand times slower.
        REQUIRE(journal->write(second_of(0, measure::Phase::primer, random, std::chrono::seconds(5))).has_value());
        for (int number = 1; number <= 5; ++number) {
            const auto second = second_of(number, measure::Phase::load, random, std::chrono::milliseconds(5));
            for (const auto& step : second.window.steps) {
                all_responses.add(step.response);
            }
            login_service.add(second.window.steps[0].service);
            REQUIRE(journal->write(second).has_value());
        }
    }
    REQUIRE(write_histogram_file(folder.path).has_value());
    SECTION("all steps together are the untagged lines")
    {
        check_equal(processed_by_java(folder.path, ""), all_responses);
    }
    SECTION("each step has its tags")
    {
        check_equal(processed_by_java(folder.path, "-tag log_in__then_out.service"), login_service);
    }
    SECTION("nothing else is left in the folder")
    {
        CHECK(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()) == 2);
    }
}

TEST_CASE("without a readable journal no histograms.hlog is made")
{
    const RunFolder folder;
    CHECK_FALSE(write_histogram_file(folder.path).has_value());
    CHECK(fs::is_empty(folder.path));
}

} // namespace squall::engine
