#include "probes/sampler.hpp"

#include "catch.hpp"
#include "run_task.hpp"
#include "wire/deadline.hpp"

#include <algorithm>
#include <map>

using namespace squall;
using namespace squall::probes;
using namespace std::chrono_literals;

namespace {

/// Does in its n-th reading what the script says for n, the last entry ever after.
class ScriptedProbe final : public Probe {
public:
    enum class Act { succeed, fail, throw_exception, take_long, never_end };

    explicit ScriptedProbe(std::string name, std::vector<Act> script)
        : name_(std::move(name)),
          script_(std::move(script))
    {}

    const std::string& name() const override { return name_; }

    Task<ProbeReading> read(Instant deadline) override
    {
        const Act act = script_[std::min<std::size_t>(static_cast<std::size_t>(readings++), script_.size() - 1)];
        most_at_once = std::max(most_at_once, ++under_way);
        ProbeReading reading;
        if (act == Act::take_long) {
            co_await wire::sleep_until(testing::in(20ms));
        }
        if (act == Act::never_end) {
            // Ignores its deadline, as no probe should.
            co_await wire::sleep_until(deadline + 1h);
        }
        --under_way;
        if (act == Act::throw_exception) {
            throw std::runtime_error("thrown");
        }
        if (act == Act::fail) {
            co_return failed_reading("failed");
        }
        reading.gauges.push_back({name_ + ".x", 1});
        co_return reading;
    }

    int readings = 0;
    int under_way = 0;
    int most_at_once = 0;

private:
    std::string name_;
    std::vector<Act> script_;
};

using Act = ScriptedProbe::Act;

struct Bench {
    asio::io_context io;
    SteadyClock clock;
    std::vector<SampledProbe> probes;
    std::map<std::string, int> delivered;
    std::vector<std::string> changes;
    std::unique_ptr<Sampler> sampler;

    ScriptedProbe& add(const std::string& name, std::vector<Act> script, Duration every = 1ms)
    {
        auto probe = std::make_unique<ScriptedProbe>(name, std::move(script));
        auto& reference = *probe;
        probes.push_back({std::move(probe), every});
        return reference;
    }

    void start()
    {
        sampler = std::make_unique<Sampler>(
            io.get_executor(), clock, std::move(probes),
            [this](Instant, const std::string& name, const ProbeReading&) { ++delivered[name]; },
            [this](Instant, const ProbeChange& change) {
                changes.push_back(change.probe + ": " + change.failure.value_or("ended"));
            });
        sampler->start();
    }

    bool until(const std::string& name, int count)
    {
        return testing::run_until(io, [&] { return delivered[name] >= count; });
    }
    void stop(Duration within = 10s) { testing::run_task(io, sampler->stop(testing::in(within))); }
};

} // namespace

TEST_CASE("every probe is read at once and then at its own interval")
{
    Bench bench;
    bench.add("quick", {Act::succeed}, 1ms);
    bench.add("slow", {Act::succeed}, 1h);
    bench.start();
    REQUIRE(bench.until("quick", 5));
    CHECK(bench.delivered["slow"] == 1);
    CHECK(bench.changes.empty());

    SECTION("after a stop nothing is read and no callback follows")
    {
        bench.stop();
        const auto before = bench.delivered;
        CHECK(bench.io.poll() == 0);
        CHECK(bench.io.stopped()); // no work left: every loop has ended
        CHECK(bench.delivered == before);
    }
}

TEST_CASE("a failure is told when it begins and when it ends, not at every tick")
{
    Bench bench;
    bench.add("flaky", {Act::succeed, Act::fail, Act::fail, Act::throw_exception, Act::succeed, Act::succeed});
    bench.add("dead", {Act::throw_exception});
    bench.start();
    REQUIRE(bench.until("flaky", 8));
    REQUIRE(bench.until("dead", 8));
    bench.stop();
    std::sort(bench.changes.begin(), bench.changes.end());
    CHECK(bench.changes == std::vector<std::string>{"dead: thrown", "flaky: ended", "flaky: failed"});
}

TEST_CASE("a probe never overlaps with itself and skips the ticks it missed")
{
    Bench bench;
    auto& probe = bench.add("long", {Act::take_long}, 1ms);
    bench.add("other", {Act::succeed}, 1ms);
    bench.start();
    REQUIRE(bench.until("long", 3));
    CHECK(probe.most_at_once == 1);
    CHECK(probe.readings <= 4);
    CHECK(bench.delivered["other"] > bench.delivered["long"]);
    bench.stop();
}

TEST_CASE("a stop waits for the reading under way")
{
    Bench bench;
    auto& probe = bench.add("long", {Act::take_long}, 1ms);
    bench.start();
    REQUIRE(testing::run_until(bench.io, [&probe] { return probe.under_way == 1; }));
    bench.stop();
    CHECK(probe.under_way == 0);
    CHECK(bench.delivered["long"] == 1);
}

TEST_CASE("a reading that does not end is cancelled when the stop's deadline passes")
{
    Bench bench;
    auto& probe = bench.add("stuck", {Act::never_end}, 1ms);
    bench.start();
    REQUIRE(testing::run_until(bench.io, [&probe] { return probe.under_way == 1; }));
    bench.stop(10ms);
    CHECK(bench.delivered.empty());
    CHECK(bench.changes.empty());
    bench.io.poll();
    CHECK(bench.io.stopped());
}

TEST_CASE("a sampler that goes without a stop leaves nothing running")
{
    Bench bench;
    bench.add("stuck", {Act::never_end}, 1ms);
    bench.add("quick", {Act::succeed}, 1ms);
    bench.start();
    REQUIRE(bench.until("quick", 2));
    bench.sampler.reset();
    bench.delivered.clear();
    bench.io.restart();
    bench.io.run();
    CHECK(bench.delivered.empty());
}

TEST_CASE("a stop before any start, and a second stop, return at once")
{
    Bench bench;
    bench.add("quick", {Act::succeed});
    SECTION("never started")
    {
        Sampler sampler(bench.io.get_executor(), bench.clock, std::move(bench.probes), nullptr, nullptr);
        testing::run_task(bench.io, sampler.stop(testing::in(10s)));
        SUCCEED();
    }
    SECTION("twice")
    {
        bench.start();
        bench.stop();
        bench.stop();
        SUCCEED();
    }
}
