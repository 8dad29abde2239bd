// A folder of its own for each test, and records that have something in every field.
#pragma once

#include "base/random.hpp"
#include "measure/journal.hpp"

#include "catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdlib.h>
#include <string>
#include <vector>

namespace squall::measure {

class JournalFolder {
public:
    JournalFolder()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "squall-journal-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
    }
    ~JournalFolder() { std::filesystem::remove_all(folder_); }
    JournalFolder(const JournalFolder&) = delete;
    JournalFolder& operator=(const JournalFolder&) = delete;

    [[nodiscard]] std::string path() const { return (folder_ / "journal.squall").string(); }
    [[nodiscard]] std::string text() const
    {
        std::ifstream in(path(), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
    void replace(const std::string& text) const { std::ofstream(path(), std::ios::binary | std::ios::trunc) << text; }

private:
    std::filesystem::path folder_;
};

/// All that a visitor was given.
struct Gathered {
    std::vector<JournalHeader> headers;
    std::vector<SecondRecord> seconds;
    std::vector<Stamp> stamps;
    std::vector<EndRecord> ends;
    std::string order; // one letter a record
};

inline Result<JournalSummary> read_into(Gathered& gathered, const std::string& path)
{
    JournalVisitor visitor;
    visitor.on_header = [&gathered](const JournalHeader& header) {
        gathered.headers.push_back(header);
        gathered.order += 'h';
    };
    visitor.on_second = [&gathered](const SecondRecord& second) {
        gathered.seconds.push_back(second);
        gathered.order += 's';
    };
    visitor.on_stamp = [&gathered](const Stamp& stamp) {
        gathered.stamps.push_back(stamp);
        gathered.order += 't';
    };
    visitor.on_end = [&gathered](const EndRecord& end) {
        gathered.ends.push_back(end);
        gathered.order += 'e';
    };
    return read_journal(path, visitor);
}

inline JournalHeader sample_header()
{
    JournalHeader header;
    header.name = "meal planner: \"pool\"\nexhaustion";
    header.scenario_file = "scenarios/systems/meal-planner.toml";
    header.profile = "before";
    header.seed = 0xfedcba9876543210U; // beyond what a signed number holds
    header.started = "2026-03-04T05:06:07Z";
    header.steps = {"login", "meals ☕"};
    header.open_model = {true, false};
    header.websocket = {false, true};
    header.populations = {{"planner", "300 users over 5s", false}, {"crawler", "200/s, poisson", true}};
    header.checks = {"response_time.p99 < 500ms", "leak[postgres.connections] < 1/h"};
    header.services = {{"postgres", "postgres"}, {"api", "command"}};
    header.notes = {"certificates are not verified"};
    header.primer = std::chrono::nanoseconds(1'234'567'891);
    header.settle = std::chrono::seconds(2);
    header.load = std::chrono::hours(3);
    header.quiesce = std::chrono::milliseconds(4);
    header.doses = {14, 14, 112};
    header.leak_check = "certify";
    header.production_rate = Rate::per_second(12.5);
    header.declared_caps = {{"postgres.connections", 100}, {"api.rss", 209'715'200.0}};
    header.collected = {"api"};
    return header;
}

inline StepWindow sample_step(Random& random, int samples)
{
    StepWindow step;
    for (int i = 0; i < samples; ++i) {
        Sample sample;
        sample.intended = Instant(std::chrono::seconds(1));
        sample.start = sample.intended + Duration(random.between(0, 1'000'000));
        sample.end = sample.start + Duration(random.between(0, 5'000'000'000'000)); // some above 1 h
        sample.error = static_cast<ErrorKind>(random.between(0, error_kind_count - 1));
        sample.status = static_cast<std::uint16_t>(random.between(0, 599));
        sample.bytes_sent = random() >> 8U;
        sample.bytes_received = random() >> 8U;
        sample.phases = {Duration(1), Duration(2), Duration(3), Duration(4), Duration(5), Duration(6)};
        sample.connected = random.uniform() < 0.5;
        sample.censored = random.uniform() < 0.1;
        step.add(sample);
    }
    return step;
}

inline SecondRecord sample_second(std::uint64_t seed, int samples = 50)
{
    Random random(seed);
    SecondRecord second;
    second.begin_seconds = random.uniform() * 1000;
    second.end_seconds = second.begin_seconds + 1.0000001;
    second.phase = static_cast<Phase>(random.between(0, 3));
    second.window.steps = {sample_step(random, samples), StepWindow(), sample_step(random, samples)};
    second.window.iterations_started = random();
    second.window.iterations_completed = 5;
    second.window.iterations_dropped = 6;
    second.users = 300;
    second.in_flight = -1;
    second.gauges["postgres.connections"] = {{random.uniform(), 12}, {random.uniform() * 100, random.uniform()}};
    second.gauges["target.rss"] = {{0.1, 1e18 + 1024}, {0.35, -random.uniform() * 1e-9}};
    second.gauges["silent"] = {};
    return second;
}

} // namespace squall::measure
