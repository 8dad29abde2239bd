#include "engine/conclude.hpp"
#include "engine/run_folder.hpp"
#include "measure/journal.hpp"

#include "catch.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace squall;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

class Folder {
public:
    Folder()
    {
        std::string pattern = (fs::temp_directory_path() / "squall-conclude-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::string path() const { return path_.string(); }
    [[nodiscard]] fs::path journal() const { return path_ / engine::journal_name; }

private:
    fs::path path_;
};

measure::JournalHeader header(std::vector<std::string> checks)
{
    measure::JournalHeader header;
    header.name = "made by hand";
    header.steps = {"login", "meals"};
    header.open_model = {true, true};
    header.populations = {{"planner", "open model, 10/s", true}};
    header.checks = std::move(checks);
    return header;
}

measure::SecondRecord second(double begin, measure::Phase phase, int requests, Duration each)
{
    measure::SecondRecord record;
    record.begin_seconds = begin;
    record.end_seconds = begin + 1;
    record.phase = phase;
    record.window.steps.resize(2);
    for (int i = 0; i < requests; ++i) {
        measure::Sample sample;
        sample.end = sample.start + each;
        sample.status = 200;
        record.window.steps[0].add(sample);
    }
    record.window.iterations_started = static_cast<std::uint64_t>(requests);
    for (int quarter = 0; quarter < 4; ++quarter) {
        record.gauges["postgres.connections"].push_back({begin + quarter * 0.25, 5});
    }
    return record;
}

measure::Stamp phase_stamp(double at, const char* phase)
{
    measure::Stamp stamp;
    stamp.at_seconds = at;
    stamp.kind = "phase";
    stamp.text = phase;
    return stamp;
}

/// Primer 2 s of slow requests, settle 4 s, load 10 s of 10 ms requests, quiesce 4 s.
void write_run(measure::JournalWriter& journal)
{
    double at = 0;
    const auto phase = [&](const char* name, measure::Phase kind, int seconds, int requests, Duration each) {
        REQUIRE(journal.write(phase_stamp(at, name)).has_value());
        for (int i = 0; i < seconds; ++i, ++at) {
            REQUIRE(journal.write(second(at, kind, requests, each)).has_value());
        }
    };
    phase("primer", measure::Phase::primer, 2, 50, 2s);
    phase("settle", measure::Phase::settle, 4, 0, 0s);
    phase("load", measure::Phase::load, 10, 10, 10ms);
    phase("quiesce", measure::Phase::quiesce, 4, 0, 0s);
}

} // namespace

TEST_CASE("seconds that could not be written down are told, and no rate is taken over them")
{
    const Folder folder;
    auto journal = measure::JournalWriter::create(folder.journal().string(), header({"error_rate < 1%"}));
    REQUIRE(journal.has_value());
    REQUIRE(journal->write(phase_stamp(0, "load")).has_value());
    SECTION("in the middle")
    {
        for (const double at : {0.0, 1.0, 2.0, 7.0, 8.0, 9.0}) {
            REQUIRE(journal->write(second(at, measure::Phase::load, 10, 10ms)).has_value());
        }
    }
    SECTION("at the end, when only the last word found room again")
    {
        for (int at = 0; at < 6; ++at) {
            REQUIRE(journal->write(second(at, measure::Phase::load, 10, 10ms)).has_value());
        }
    }
    REQUIRE(journal->write(measure::EndRecord{10, false, ""}).has_value());
    const auto result = engine::conclude(folder.path());
    REQUIRE(result.has_value());
    CHECK(result->verdict.outcome == result::RunOutcome::invalid);
    CHECK(result->verdict.exit_code == 97);
    CHECK(result->verdict.sentence == "4 s of the run are not known");
    CHECK(result->run.truncated.starts_with("4 s are missing from "));
    CHECK(result->totals.requests == 60);
    CHECK(result->totals.requests_per_second == Approx(10));
}

TEST_CASE("a result is concluded from the journal alone")
{
    Folder folder;
    auto journal = measure::JournalWriter::create(
        folder.journal().string(),
        header({"response_time.p99 < 50ms", "error_rate < 1%", "response_time[meals].p50 < 1s"}));
    REQUIRE(journal.has_value());
    write_run(*journal);

    SECTION("only the load phase is judged: the primer's slow requests are not in it")
    {
        REQUIRE(journal->write(measure::EndRecord{20, false, ""}).has_value());
        const auto result = engine::conclude(folder.path());
        REQUIRE(result.has_value());
        CHECK(result->totals.requests == 100);
        CHECK(result->totals.requests_per_second == Approx(10));
        CHECK(result->all_steps.response.max_seconds == Approx(0.01));
        CHECK(result->slos.at(0).outcome == result::SloOutcome::met);
        CHECK(result->slos.at(1).outcome == result::SloOutcome::met);
    }
    SECTION("a check without samples is missed, never met for want of data")
    {
        REQUIRE(journal->write(measure::EndRecord{20, false, ""}).has_value());
        const auto result = engine::conclude(folder.path());
        CHECK(result->slos.at(2).outcome == result::SloOutcome::missed);
        CHECK(result->verdict.exit_code == 99);
    }
    SECTION("an interrupted run says so whatever its SLOs")
    {
        REQUIRE(journal->write(measure::EndRecord{20, true, "asked to stop by a signal"}).has_value());
        const auto result = engine::conclude(folder.path());
        CHECK(result->verdict.exit_code == 130);
        CHECK(result->run.interrupted);
        CHECK_FALSE(result->run.from_journal);
    }
    SECTION("a run that died is read up to its last full second, without its torn tail")
    {
        fs::resize_file(folder.journal(), fs::file_size(folder.journal()) - 5);
        const auto result = engine::conclude(folder.path());
        REQUIRE(result.has_value());
        CHECK(result->verdict.exit_code == 130);
        CHECK(result->run.from_journal);
        CHECK(result->run.journal_until_seconds == 19);
        CHECK_FALSE(result->run.truncated.empty());
        CHECK(result->seconds.size() == 19);
        CHECK(result->totals.requests == 100);
    }
}

TEST_CASE("a check over windows sees the seconds, and what comes after the last arrival makes none")
{
    Folder folder;
    auto with_plan = header({"response_time.p90 < 1s over 3s", "throughput > 9/s over 3s", "throughput > 9/s"});
    with_plan.load = 6s;
    auto journal = measure::JournalWriter::create(folder.journal().string(), with_plan);
    REQUIRE(journal->write(phase_stamp(0, "warm_up")).has_value());
    REQUIRE(journal->write(second(0, measure::Phase::warm_up, 50, 3s)).has_value());
    REQUIRE(journal->write(phase_stamp(1, "load")).has_value());
    for (int at = 1; at < 7; ++at) {
        REQUIRE(journal->write(second(at, measure::Phase::load, 10, at == 4 ? 2s : 10ms)).has_value());
    }
    for (int at = 7; at < 11; ++at) { // the grace
        REQUIRE(journal->write(second(at, measure::Phase::load, 0, 0s)).has_value());
    }
    REQUIRE(journal->write(measure::EndRecord{11, false, ""}).has_value());
    const auto result = engine::conclude(folder.path());
    REQUIRE(result.has_value());
    CHECK(result->slos.at(0).outcome == result::SloOutcome::missed);
    CHECK(result->slos.at(0).measured == "2s");
    CHECK(result->slos.at(0).why == "worst of 4 windows: 0:02 to 0:05 into the run");
    CHECK(result->slos.at(1).outcome == result::SloOutcome::met);
    CHECK(result->slos.at(2).outcome == result::SloOutcome::missed); // over all, the grace counts
    CHECK(result->totals.requests == 60);                            // without the warm-up
    CHECK(result->phases.front().name == "warm_up");
}

TEST_CASE("a load that a check ended is failed by it, whatever came after")
{
    Folder folder;
    auto with_plan = header({"error_rate < 5%", "requests > 5"});
    with_plan.load = 60s;
    auto journal = measure::JournalWriter::create(folder.journal().string(), with_plan);
    REQUIRE(journal->write(phase_stamp(0, "load")).has_value());
    REQUIRE(journal->write(second(0, measure::Phase::load, 10, 10ms)).has_value());
    measure::Stamp aborted{1, "aborted", "error_rate < 5%: 40%", "", ""};
    REQUIRE(journal->write(aborted).has_value());
    REQUIRE(journal->write(measure::EndRecord{2, false, ""}).has_value());
    const auto result = engine::conclude(folder.path());
    REQUIRE(result.has_value());
    CHECK(result->verdict.exit_code == 99);
    CHECK(result->verdict.sentence == "the load was ended after 1 of 60 s by error_rate < 5%: 40%");
    CHECK(result->run.aborted == result->verdict.sentence);
    CHECK_FALSE(result->run.interrupted);
    CHECK(result->slos.at(0).outcome == result::SloOutcome::missed);
    CHECK(result->slos.at(0).why == "it was missed when it ended the load: 40%");
    CHECK(result->slos.at(1).outcome == result::SloOutcome::met);
}

TEST_CASE("dropped arrivals stand above all that was measured, and the result says from where on it is a bound")
{
    Folder folder;
    auto journal = measure::JournalWriter::create(folder.journal().string(), header({}));
    REQUIRE(journal->write(phase_stamp(0, "load")).has_value());
    auto record = second(0, measure::Phase::load, 70, 10ms);
    record.window.add(second(0, measure::Phase::load, 20, 500ms).window);
    record.window.iterations_dropped = 10;
    REQUIRE(journal->write(record).has_value());
    REQUIRE(journal->write(measure::EndRecord{1, false, ""}).has_value());
    const auto result = engine::conclude(folder.path());
    REQUIRE(result.has_value());
    for (const auto* step : {&result->all_steps, &result->steps.at(0)}) {
        CHECK(step->response.count == 100);
        CHECK(step->response.censored_count == 10);
        CHECK(step->response.p50_seconds == Approx(0.010).epsilon(0.002));
        CHECK(step->response.p90_seconds == Approx(0.500).epsilon(0.002)); // of 100, the 90th; of 90 measured, the last
        CHECK(step->service.count == 90);
        CHECK_FALSE(step->service.censored);
    }
    CHECK_FALSE(result->omission_canary); // arrivals at a rate omit nothing
}

TEST_CASE("WebSockets are summed up over the steps that open one, and only where there are any")
{
    Folder folder;
    auto made = header({});
    made.websocket = {false, true};
    auto journal = measure::JournalWriter::create(folder.journal().string(), made);
    REQUIRE(journal->write(phase_stamp(0, "load")).has_value());
    auto record = second(0, measure::Phase::load, 50, 10ms); // of the other step
    for (int i = 0; i < 4; ++i) {
        measure::Sample sample;
        sample.end = sample.start + 30ms;
        sample.error = i == 0 ? measure::ErrorKind::upgrade_refused : measure::ErrorKind::none;
        record.window.steps[1].add(sample);
    }
    record.window.steps[0].messages_sent = 100;
    record.window.steps[1].messages_sent = 7;
    record.window.steps[1].messages_received = 9;
    REQUIRE(journal->write(record).has_value());
    REQUIRE(journal->write(measure::EndRecord{1, false, ""}).has_value());
    const auto result = engine::conclude(folder.path());
    REQUIRE(result.has_value());
    REQUIRE(result->websockets.has_value());
    CHECK(result->websockets->sessions == 3);
    CHECK(result->websockets->connecting.count == 4);
    CHECK(result->websockets->connecting.p50_seconds == Approx(0.030).epsilon(0.002));
    CHECK(result->websockets->messages_sent == 7);
    CHECK(result->websockets->messages_received == 9);

    Folder other;
    auto without = measure::JournalWriter::create(other.journal().string(), header({}));
    REQUIRE(without->write(phase_stamp(0, "load")).has_value());
    REQUIRE(without->write(second(0, measure::Phase::load, 50, 10ms)).has_value());
    REQUIRE(without->write(measure::EndRecord{1, false, ""}).has_value());
    CHECK_FALSE(engine::conclude(other.path())->websockets.has_value());
}

TEST_CASE("closed users are told what they did not see")
{
    Folder folder;
    auto closed = header({});
    closed.populations = {{"planner", "closed model, 1 user", false}};
    closed.open_model = {false, false};
    auto journal = measure::JournalWriter::create(folder.journal().string(), closed);
    REQUIRE(journal->write(phase_stamp(0, "load")).has_value());
    auto record = second(0, measure::Phase::load, 900, 1ms);
    record.window.add(second(0, measure::Phase::load, 1, 100ms).window);
    record.users = 1;
    REQUIRE(journal->write(record).has_value());
    REQUIRE(journal->write(measure::EndRecord{1, false, ""}).has_value());
    const auto result = engine::conclude(folder.path());
    REQUIRE(result.has_value());
    REQUIRE(result->omission_canary.has_value());
    CHECK(result->omission_canary->interval_seconds == Approx(1.0 / 901));
    CHECK(result->omission_canary->p99_seconds > 0.08);
    CHECK(result->all_steps.response.p99_seconds == Approx(0.001).epsilon(0.01));
}

TEST_CASE("a generator that lost its schedule makes the run INVALID, whatever its SLOs")
{
    Folder folder;
    auto journal = measure::JournalWriter::create(folder.journal().string(), header({"response_time.p99 < 50ms"}));
    REQUIRE(journal->write(phase_stamp(0, "load")).has_value());
    for (int at = 0; at < 3; ++at) {
        auto record = second(at, measure::Phase::load, 100, 80ms);
        record.window.iterations_dropped = 100;
        record.gauges["generator.thread_cpu_share"] = {{at + 1.0, 0.97}};
        REQUIRE(journal->write(record).has_value());
    }
    SECTION("97 stands before 99: the missed SLO may be the generator's doing")
    {
        REQUIRE(journal->write(measure::EndRecord{3, false, ""}).has_value());
        const auto result = engine::conclude(folder.path());
        REQUIRE(result.has_value());
        CHECK(result->slos.at(0).outcome == result::SloOutcome::missed);
        CHECK(result->verdict.outcome == result::RunOutcome::invalid);
        CHECK(result->verdict.exit_code == 97);
        CHECK(result->verdict.sentence.find("it started 100/s of 200/s on time") != std::string::npos);
        CHECK(result->verdict.sentence.ends_with("; the 1 SLO missed may be its doing"));
        CHECK(result->generator.saturated);
        CHECK(result->generator.held_back_by == "cpu");
        CHECK(result->generator.thread_cpu_max == Approx(0.97));
    }
    SECTION("130 stands before 97")
    {
        REQUIRE(journal->write(measure::EndRecord{3, true, "asked to stop by a signal"}).has_value());
        const auto result = engine::conclude(folder.path());
        CHECK(result->verdict.exit_code == 130);
        CHECK(result->generator.saturated);
    }
}

TEST_CASE("the warm-up is exposure to a leak like the load itself")
{
    Folder folder;
    auto journal =
        measure::JournalWriter::create(folder.journal().string(), header({"leak[postgres.connections] < 1/h"}));
    double at = 0;
    const auto phase = [&](const char* name, measure::Phase kind, int seconds) {
        REQUIRE(journal->write(phase_stamp(at, name)).has_value());
        for (int i = 0; i < seconds; ++i, ++at) {
            REQUIRE(journal->write(second(at, kind, 10, 10ms)).has_value());
        }
    };
    phase("settle", measure::Phase::settle, 6);
    phase("warm_up", measure::Phase::warm_up, 30);
    phase("load", measure::Phase::load, 30);
    phase("quiesce", measure::Phase::quiesce, 6);
    REQUIRE(journal->write(measure::EndRecord{at, false, ""}).has_value());
    const auto result = engine::conclude(folder.path());
    REQUIRE(result.has_value());
    REQUIRE(result->leaks.size() == 1);
    CHECK(result->leaks.front().exposure_hours == Approx(60.0 / 3600));
    CHECK(result->leaks.front().exposure_operations == Approx(600));
    CHECK(result->totals.load_seconds == Approx(30));
}

TEST_CASE("a folder without a journal is an error that names the file")
{
    Folder folder;
    const auto result = engine::conclude(folder.path());
    REQUIRE(result.has_error());
    CHECK(result.error().message.find("journal.squall") != std::string::npos);
}

TEST_CASE("run folders")
{
    Folder folder;
    SECTION("a folder that holds something is refused: no result is overwritten")
    {
        std::ofstream(folder.path() + "/result.json") << "{}";
        CHECK(engine::make_run_folder(folder.path(), "x").has_error());
    }
    SECTION("a new one is made, with its parents")
    {
        const auto made = engine::make_run_folder(folder.path() + "/a/b", "x");
        REQUIRE(made.has_value());
        CHECK(fs::is_directory(*made));
    }
}
