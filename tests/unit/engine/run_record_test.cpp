// A journal of several cycles of load and quiesce, written by hand.
#include "engine/conclude.hpp"
#include "engine/cycle_text.hpp"
#include "engine/run_folder.hpp"
#include "engine/run_record.hpp"
#include "measure/journal.hpp"

#include "catch.hpp"

#include <cstdlib>
#include <filesystem>

using namespace squall;
using namespace std::chrono_literals;
using measure::Phase;

namespace {

namespace fs = std::filesystem;

/// Writes phase after phase; every second has four readings of the gauge, at the level it was given.
class WrittenRun {
public:
    explicit WrittenRun(measure::JournalHeader header)
    {
        std::string pattern = (fs::temp_directory_path() / "squall-cycles-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        header.name = "cycles";
        header.steps = {"login"};
        header.open_model = {true};
        header.populations = {{"planner", "open model", true}};
        writer_.emplace(*measure::JournalWriter::create((folder_ / engine::journal_name).string(), header));
    }
    ~WrittenRun() { fs::remove_all(folder_); }
    WrittenRun(const WrittenRun&) = delete;
    WrittenRun& operator=(const WrittenRun&) = delete;

    void stamp(const char* kind, std::string text)
    {
        REQUIRE(writer_->write(measure::Stamp{at_, kind, text, "", ""}).has_value());
    }
    void seconds(Phase phase, int count, int requests)
    {
        for (int i = 0; i < count; ++i, at_ += 1) {
            measure::SecondRecord record{at_, at_ + 1, phase, {}, 3, 2, {}};
            record.window.steps.resize(1);
            for (int request = 0; request < requests; ++request) {
                measure::Sample sample;
                sample.end = sample.start + 10ms;
                sample.status = 200;
                record.window.steps[0].add(sample);
            }
            for (int quarter = 0; quarter < 4; ++quarter) {
                record.gauges["api.fds"].push_back({at_ + quarter * 0.25, level_});
                record.gauges["generator.cpu_seconds"].push_back({at_ + quarter * 0.25, cpu_});
                cpu_ += phase == Phase::load ? 0.125 : 0;
            }
            REQUIRE(writer_->write(record).has_value());
        }
    }
    void phase(Phase phase, int count, int requests)
    {
        stamp("phase", std::string(measure::to_string(phase)));
        seconds(phase, count, requests);
    }
    void level(double value) { level_ = value; }
    /// Time goes on and nothing is written.
    void skip(double length) { at_ += length; }
    engine::RunRecord read()
    {
        REQUIRE(writer_->write(measure::EndRecord{at_, false, ""}).has_value());
        auto record = engine::read_run((folder_ / engine::journal_name).string());
        REQUIRE(record.has_value());
        return *record;
    }
    result::RunResult conclude()
    {
        REQUIRE(writer_->write(measure::EndRecord{at_, false, ""}).has_value());
        auto result = engine::conclude(folder_.string());
        REQUIRE(result.has_value());
        return *result;
    }

private:
    fs::path folder_;
    std::optional<measure::JournalWriter> writer_;
    double at_ = 0;
    double level_ = 5;
    double cpu_ = 0;
};

measure::JournalHeader header_of(std::vector<int> doses, std::vector<std::string> checks = {})
{
    measure::JournalHeader header;
    header.load = 4s;
    header.doses = std::move(doses);
    header.checks = std::move(checks);
    return header;
}

/// Settle 2 s; warm-up 1 s and load 4 s; quiesce 6 s; load 4 s; quiesce 6 s; load of dose 2; quiesce.
void write_three_cycles(WrittenRun& run)
{
    run.phase(Phase::settle, 2, 0);
    run.phase(Phase::warm_up, 1, 7);
    run.stamp("cycle", "1 of 3, dose 1, planner ×1.4");
    run.phase(Phase::load, 4, 10);
    run.level(90);
    run.phase(Phase::quiesce, 6, 0);
    run.stamp("collected", "");
    run.level(6);
    run.phase(Phase::load, 4, 10);
    run.stamp("cycle", "2 of 3, dose 1");
    run.phase(Phase::quiesce, 6, 0);
    run.stamp("collected", "");
    run.stamp("gc_failed", "api did not");
    run.stamp("gc_failed", "api did not");
    run.phase(Phase::load, 4, 20);
    run.stamp("cycle", "3 of 3, dose 2");
    run.stamp("repeat", "2 of 2");
    run.seconds(Phase::load, 4, 20);
    run.phase(Phase::quiesce, 6, 0);
}

} // namespace

TEST_CASE("a journal of several cycles gives each with its load, its quiesce, its operations and its dose")
{
    WrittenRun run(header_of({1, 1, 2}));
    write_three_cycles(run);
    const auto record = run.read();
    REQUIRE(record.cycles.size() == 3);
    CHECK(record.cycles[0].load.begin == 2); // with the warm-up
    CHECK(record.cycles[0].load.end == 7);
    REQUIRE(record.cycles[0].quiesce.has_value());
    CHECK(record.cycles[0].quiesce->begin == 7);
    CHECK(record.cycles[0].quiesce->end == 13);
    CHECK(record.cycles[0].operations == 47);
    CHECK(record.cycles[1].load.begin == 13);
    CHECK(record.cycles[1].operations == 40);
    CHECK(record.cycles[1].dose == 1);
    CHECK(record.cycles[2].operations == 160);
    CHECK(record.cycles[2].dose == 2);
    CHECK(record.cycles[2].quiesce->end == 37);

    SECTION("a collection that one service did not do is none")
    {
        CHECK(record.cycles[0].collected);
        CHECK_FALSE(record.cycles[1].collected);
        CHECK_FALSE(record.cycles[2].collected);
        CHECK_FALSE(record.settle_collected);
        const auto failures = std::ranges::count(record.stamps, "gc_failed", &measure::Stamp::kind);
        CHECK(failures == 1); // the same text twice
        CHECK(record.stamps.size() == 4);
    }
    SECTION("the load is that of all cycles, the traffic all from the first load to the end of the last")
    {
        CHECK(record.load_seconds() == Approx(16));
        CHECK(record.planned_load_seconds() == Approx(16));
        CHECK(record.traffic()->begin == 2);
        CHECK(record.traffic()->end == 31);
        CHECK_FALSE(record.lost.has_value());
    }
    SECTION("what a gauge read in a quiesce between two loads is not of the load")
    {
        const auto points = record.under_load(record.gauges.at("api.fds"));
        CHECK(points.size() == 64);
        CHECK(std::ranges::all_of(points, [](const auto& point) { return point.value < 10; }));
    }
    SECTION("counts stand still in a quiesce and go on from second to second behind it")
    {
        REQUIRE(record.candidates.size() == 1);
        const auto& counts = record.candidates.front().cumulative;
        REQUIRE(counts.size() == 29);
        CHECK(counts[4] == Approx(47));
        CHECK(counts[10] == Approx(47)); // end of the first quiesce
        CHECK(counts[11] == Approx(57));
        CHECK(counts.back() == Approx(247));
    }
}

TEST_CASE("the run of today, one load and one quiesce, is one cycle")
{
    WrittenRun run(header_of({1}));
    run.phase(Phase::primer, 2, 50);
    run.phase(Phase::settle, 2, 0);
    run.phase(Phase::load, 4, 10);
    run.phase(Phase::quiesce, 2, 0);
    const auto record = run.read();
    REQUIRE(record.cycles.size() == 1);
    CHECK(record.cycles[0].load.begin == 4);
    CHECK(record.cycles[0].load.end == 8);
    CHECK(record.cycles[0].quiesce->end == 10);
    CHECK(record.cycles[0].operations == 40);
    CHECK(record.cycles[0].dose == 1);
}

TEST_CASE("a run that died in its second load has that load and no quiesce behind it")
{
    WrittenRun run(header_of({1, 1}));
    run.phase(Phase::load, 4, 10);
    run.phase(Phase::quiesce, 2, 0);
    run.phase(Phase::load, 3, 10);
    const auto record = run.read();
    REQUIRE(record.cycles.size() == 2);
    CHECK(record.cycles[1].load.end == 9);
    CHECK_FALSE(record.cycles[1].quiesce.has_value());
    CHECK(record.load_seconds() == Approx(7));
}

TEST_CASE("time that is lost between two loads is no load")
{
    WrittenRun run(header_of({1, 1}));
    run.phase(Phase::load, 4, 10);
    run.skip(20);
    run.phase(Phase::load, 2, 10);
    run.skip(3);
    run.seconds(Phase::load, 2, 10);
    const auto record = run.read();
    REQUIRE(record.lost.has_value());
    CHECK(record.lost->seconds == Approx(23));
    CHECK(record.lost->load_seconds == Approx(3));
    CHECK(record.load_seconds() == Approx(8)); // 4, and 7 of which 3 are lost
}

TEST_CASE("the figures of several loads are those of all of them, and of nothing between")
{
    WrittenRun run(header_of({1, 1, 2}, {"throughput > 9/s", "throughput > 9/s over 3s", "gauge[api.fds].max < 10"}));
    write_three_cycles(run);
    const auto result = run.conclude();
    CHECK(result.totals.load_seconds == Approx(16));
    CHECK(result.totals.requests == 240);
    CHECK(result.totals.requests_per_second == Approx(15));
    CHECK(result.generator.cpu_mean == Approx(0.5));
    for (const auto& slo : result.slos) {
        INFO(slo.expression << ": " << slo.measured << "; " << slo.why);
        CHECK(slo.outcome == result::SloOutcome::met);
    }
    CHECK(result.slos[1].why.find("of 8 windows") != std::string::npos); // none reaches over a quiesce
    REQUIRE(result.phases.size() == 8);
    const auto& fds = *std::ranges::find(result.gauges, "api.fds", &result::Gauge::name);
    CHECK(fds.max == 6);
}

TEST_CASE("a load that a check ended is told against all that was planned")
{
    WrittenRun run(header_of({1, 1, 2}));
    run.phase(Phase::load, 4, 10);
    run.phase(Phase::quiesce, 6, 0);
    run.phase(Phase::load, 2, 10);
    run.stamp("aborted", "error_rate < 5%: 40%");
    run.phase(Phase::quiesce, 6, 0);
    const auto result = run.conclude();
    CHECK(result.run.aborted == "the load was ended after 6 of 16 s by error_rate < 5%: 40%");
}

TEST_CASE("the dose of a cycle is read from what was written of it")
{
    plan::Plan plan;
    plan.populations.resize(2);
    plan.populations[0].name = "planner, dose 9";
    plan.populations[1].name = "browser";
    plan.phases.cycles = {{1, {1.4, 0.6}}, {24, {}}};
    CHECK(engine::cycle_text(plan, 0) == "1 of 2, dose 1, planner, dose 9 ×1.4, browser ×0.6");
    CHECK(engine::dose_of(engine::cycle_text(plan, 0)) == 1);
    CHECK(engine::dose_of(engine::cycle_text(plan, 1)) == 24);
    CHECK_FALSE(engine::dose_of("3 of 6").has_value());
    CHECK_FALSE(engine::dose_of("3 of 6, dose many").has_value());
}
