#include "engine/generator_verdict.hpp"
#include "engine/generator_watch.hpp"
#include "engine/run_log.hpp"

#include "catch.hpp"

using namespace squall;
using namespace squall::engine;
using namespace std::chrono_literals;

namespace {

/// A minute at 1,000/s that went well.
GeneratorFacts good_minute()
{
    GeneratorFacts facts;
    facts.open = true;
    facts.planned = 60'000;
    facts.load_seconds = 60;
    facts.requests = 60'000;
    facts.sending_seconds = 60;
    facts.ran_mean = 0.2;
    return facts;
}

GeneratorFacts late(double share, double very_late, double wanted)
{
    auto facts = good_minute();
    facts.late_share = share;
    facts.very_late_share = very_late;
    facts.wanted_when_late = wanted;
    facts.ran_in_trouble = wanted;
    return facts;
}

measure::JournalHeader header(bool open = true)
{
    measure::JournalHeader header;
    header.steps = {"look"};
    header.open_model = {open};
    header.populations = {{"visitor", "", open}};
    return header;
}

/// A second of `sent` requests that were sent `lag` behind their plan.
measure::SecondRecord second(int sent, Duration lag, std::uint64_t dropped, double ran, double waited)
{
    measure::SecondRecord record;
    record.window.steps.resize(1);
    for (int i = 0; i < sent; ++i) {
        measure::Sample sample;
        sample.start = sample.intended + lag;
        sample.end = sample.start + 1ms;
        record.window.steps[0].lag.record(lag);
        record.window.steps[0].add(sample);
    }
    record.window.iterations_started = static_cast<std::uint64_t>(sent);
    record.window.iterations_dropped = dropped;
    record.gauges[busiest_thread_gauge] = {{1, ran}};
    record.gauges[waiting_thread_gauge] = {{1, waited}};
    return record;
}

GeneratorVerdict judged(const std::vector<measure::SecondRecord>& seconds, bool open = true)
{
    GeneratorWatch watch;
    measure::Window load;
    for (const auto& record : seconds) {
        watch.add(record, header(open));
        load.add(record.window);
    }
    return judge_generator(watch.facts(load, header(open), static_cast<double>(seconds.size())));
}

} // namespace

TEST_CASE("a generator that kept its schedule is valid and says what it reached")
{
    const auto verdict = judge_generator(good_minute());
    CHECK_FALSE(verdict.invalid);
    CHECK(verdict.held_back == HeldBack::nothing);
    CHECK(verdict.notes.empty());
    CHECK(verdict.planned_per_second == Approx(1000));
    CHECK(verdict.reached_per_second == Approx(1000));
}

TEST_CASE("one late send of a hundred is the limit when a thread had no CPU left")
{
    CHECK_FALSE(judge_generator(late(0.0099, 0, 0.95)).invalid);
    const auto verdict = judge_generator(late(0.3, 0, 0.95));
    CHECK(verdict.invalid);
    CHECK(verdict.held_back == HeldBack::cpu);
    CHECK(verdict.reached_per_second == Approx(700));
    CHECK(verdict.reason == "the generator could not keep its schedule: it started 700/s of 1,000/s on time (1,000/s "
                            "with the late ones); CPU held it "
                            "back: its engine thread ran 95% of the time; give it more --threads and cores, or a lower "
                            "rate");
}

TEST_CASE("with CPU to spare only gross lateness counts: the machine was busy with other things")
{
    const auto verdict = judge_generator(late(0.3, 0.001, 0.3));
    CHECK_FALSE(verdict.invalid);
    REQUIRE(verdict.notes.size() == 1);
    CHECK(verdict.notes.front().starts_with("30% of the sends were late"));
    const auto gross = judge_generator(late(0.3, 0.02, 0.3));
    CHECK(gross.invalid);
    CHECK(gross.held_back == HeldBack::machine);
    CHECK(gross.reason.find("2% of the sends were more than 100ms late although") != std::string::npos);
    const auto burst = judge_generator(late(0.3, 0.02, 0.7));
    CHECK(burst.invalid);
    CHECK(burst.held_back == HeldBack::cpu);
    auto hiccup = late(0.05, 0.05, 0.3); // 130 ms of a load of some seconds
    hiccup.planned = 3'000;
    hiccup.load_seconds = 3;
    CHECK_FALSE(judge_generator(hiccup).invalid);
    hiccup.very_late_share = 0.2; // 600 ms
    CHECK(judge_generator(hiccup).invalid);
}

TEST_CASE("waiting for a core that others hold is CPU that was missing too, and is told")
{
    auto facts = late(0.5, 0.5, 0.95);
    facts.ran_in_trouble = 0.6;
    facts.waited_in_trouble = 0.35;
    facts.threads = 4;
    CHECK(judge_generator(facts).reason.ends_with(
        "the busiest of its 4 engine threads ran 60% of the time and waited for a core that others had 35%; give it a "
        "machine or cores of its own, or a lower rate"));
}

TEST_CASE("drops are the generator's fault without CPU, and a finding about the service with it")
{
    auto facts = good_minute();
    facts.dropped = 12'000;
    const auto of_target = judge_generator(facts);
    CHECK_FALSE(of_target.invalid);
    CHECK(of_target.held_back == HeldBack::target);
    CHECK(of_target.reached_per_second == Approx(800));
    REQUIRE(of_target.notes.size() == 1);
    CHECK(of_target.notes.front().starts_with("max_in_flight was reached while the generator had CPU to spare"));
    facts.dropped_without_cpu = 12'000;
    const auto of_cpu = judge_generator(facts);
    CHECK(of_cpu.invalid);
    CHECK(of_cpu.held_back == HeldBack::cpu);
    CHECK(of_cpu.notes.empty());
}

TEST_CASE("descriptors and ports of the generator's are no errors of the service")
{
    auto facts = good_minute();
    facts.out_of_descriptors = 3'000;
    auto verdict = judge_generator(facts);
    CHECK(verdict.invalid);
    CHECK(verdict.held_back == HeldBack::descriptors);
    CHECK(verdict.reason.find("3,000 requests got none; raise ulimit -n") != std::string::npos);
    facts.out_of_descriptors = 0;
    facts.out_of_ports = 3'000;
    CHECK(judge_generator(facts).held_back == HeldBack::ports);
    facts.out_of_ports = 300; // half a per cent
    verdict = judge_generator(facts);
    CHECK_FALSE(verdict.invalid);
    CHECK(verdict.notes.size() == 1);
    facts.open = false; // a closed loop lacks them no less
    facts.out_of_ports = 3'000;
    CHECK(judge_generator(facts).reason.find("3,000 of 60,000 requests were lost to it") != std::string::npos);
}

TEST_CASE("a hiccup of a short run is none")
{
    auto facts = late(0.1, 0.1, 1);
    facts.sending_seconds = 60;
    facts.planned = 80;
    CHECK_FALSE(judge_generator(facts).invalid);
    facts.planned = 60'000;
    const auto verdict = judge_generator(facts);
    CHECK(verdict.invalid);
    CHECK(verdict.reason.find("it started 900/s of 1,000/s on time (1,000/s with the late ones); CPU") !=
          std::string::npos);
}

TEST_CASE("a closed loop has no schedule to lose, but its busy thread is told")
{
    auto facts = late(0, 0, 0);
    facts.open = false;
    facts.ran_mean = 0.97;
    const auto verdict = judge_generator(facts);
    CHECK_FALSE(verdict.invalid);
    CHECK_FALSE(verdict.planned_per_second);
    REQUIRE(verdict.notes.size() == 1);
    CHECK(verdict.notes.front().starts_with("an engine thread had no CPU left (it ran 97% of the time)"));
}

TEST_CASE("late is what a reader would take for the service: a tenth of its p99, from 10 ms to 100 ms")
{
    CHECK(late_limit(1ms) == 10ms);
    CHECK(late_limit(300ms) == 30ms);
    CHECK(late_limit(30s) == 100ms);
}

TEST_CASE("drops are laid to the second in which they happened")
{
    const auto good = second(100, 0ms, 0, 0.2, 0);
    SECTION("a thread without CPU")
    {
        const auto verdict = judged({good, second(50, 5ms, 50, 0.7, 0.25), good});
        CHECK(verdict.invalid);
        CHECK(verdict.held_back == HeldBack::cpu);
        CHECK(verdict.reason.find("ran 70% of the time and waited for a core that others had 25%") !=
              std::string::npos);
    }
    SECTION("a service that holds all")
    {
        const auto verdict = judged({good, second(50, 0ms, 50, 0.2, 0), good});
        CHECK_FALSE(verdict.invalid);
        CHECK(verdict.held_back == HeldBack::target);
    }
    SECTION("a load that is late through and through")
    {
        CHECK(judged({second(100, 20ms, 0, 0.95, 0), good}).invalid);
        CHECK_FALSE(judged({second(100, 20ms, 0, 0.5, 0), good}).invalid);
        CHECK(judged({second(100, 200ms, 0, 0.5, 0), good}).invalid);
    }
    SECTION("a second in which nobody looked at the thread says nothing of it")
    {
        auto unseen = second(100, 20ms, 0, 0, 0);
        unseen.gauges.clear();
        CHECK(judged({unseen, second(100, 20ms, 0, 0.95, 0)}).invalid);
    }
    SECTION("closed users are never late")
    {
        CHECK_FALSE(judged({second(100, 20ms, 0, 0.95, 0)}, false).invalid);
    }
}
