// The walk through a journey, from the scenario's text to what the user does next.
#include "engine/journey_walk.hpp"

#include "catch.hpp"
#include "plan/plan.hpp"
#include "scenario/parse.hpp"

#include <map>
#include <string>
#include <vector>

using namespace squall;
using namespace squall::engine;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const plan::Plan> plan_of(const std::string& steps)
{
    const auto outcome = scenario::parse_text("endpoints = { api = \"http://127.0.0.1:1\" }\n[[user]]\nname = \"u\"\n"
                                              "arrival = { closed = 1 }\nvariables = { n = \"2\", word = \"go\" }\n" +
                                                  steps,
                                              "s.toml", {});
    for (const auto& problem : outcome.problems) {
        UNSCOPED_INFO(problem.message);
    }
    REQUIRE(outcome.problems.empty());
    auto made = plan::make_plan(outcome.scenario);
    for (const auto& problem : made.problems) {
        UNSCOPED_INFO(problem.message);
    }
    REQUIRE(made.plan);
    return made.plan;
}

/// A user that does what the walk says, on a clock of its own, and writes it down.
class Walker {
public:
    explicit Walker(const std::string& steps) : plan_(plan_of(steps)), memory_(plan_->slot_count)
    {
        for (const auto& [slot, text] : population().initial) {
            std::string value;
            plan::render(text, memory_, generators_, value);
            memory_.set(slot, value);
        }
    }

    /// Steps of this name end so, from the first time on; then, and all others, they succeed.
    Walker& ending(const std::string& step, std::vector<StepEnd> ends)
    {
        ends_[step] = std::move(ends);
        return *this;
    }

    /// "GET /a, wait 1s, GET /b", and whether the iteration was healthy.
    std::string walk()
    {
        using Kind = JourneyWalk::Next::Kind;
        JourneyWalk walk({population().journey, memory_, generators_, random_, scratch_});
        std::string done;
        for (auto next = walk.next(now_); next.kind != Kind::end; next = walk.next(now_)) {
            const auto& name = population().steps.at(next.step).name;
            done += done.empty() ? "" : ", ";
            if (next.kind == Kind::wait || next.kind == Kind::wait_to_ask) {
                done += "wait " + format_duration(next.pause);
                now_ += next.pause;
            } else if (next.kind == Kind::recovered || next.kind == Kind::lost) {
                done += name + (next.kind == Kind::lost ? " lost" : " recovered");
            } else {
                done += name;
                walk.ended(end_of(name));
            }
        }
        healthy = walk.is_healthy();
        return done;
    }

    void set(const std::string& name, const std::string& value)
    {
        const auto& names = plan_->slot_names;
        const auto at = std::find(names.begin(), names.end(), name);
        REQUIRE(at != names.end());
        memory_.set(static_cast<plan::Slot>(at - names.begin()), value);
    }

    bool healthy = false;

private:
    [[nodiscard]] const plan::Population& population() const { return plan_->populations.at(0); }

    StepEnd end_of(const std::string& name)
    {
        auto& ends = ends_[name];
        if (ends.empty()) {
            return StepEnd::succeeded;
        }
        const auto end = ends.front();
        ends.erase(ends.begin());
        return end;
    }

    std::shared_ptr<const plan::Plan> plan_;
    plan::UserMemory memory_;
    plan::GeneratorState generators_{Random(1), nullptr};
    Random random_{7};
    std::string scratch_;
    Instant now_;
    std::map<std::string, std::vector<StepEnd>> ends_;
};

const std::string a = "{ name = \"a\", http = \"GET ${api}/a\" }";
const std::string b = "{ name = \"b\", http = \"GET ${api}/b\" }";

std::string steps(const std::string& list)
{
    return "step = [" + list + "]\n";
}

} // namespace

TEST_CASE("steps follow one another, and one that fails ends the iteration")
{
    Walker walker(steps(a + ", " + b));
    CHECK(walker.walk() == "a, b");
    CHECK(walker.healthy);
    CHECK(walker.ending("a", {StepEnd::failed}).walk() == "a");
    CHECK_FALSE(walker.healthy);
}

TEST_CASE("a repeat does its steps so often, and stops when its condition no longer holds")
{
    CHECK(Walker(steps("{ repeat = 3, step = [" + a + "] }, " + b)).walk() == "a, a, a, b");
    CHECK(Walker(steps("{ repeat = \"${n}\", step = [" + a + "] }")).walk() == "a, a");
    CHECK(Walker(steps("{ repeat = 0, step = [" + a + "] }, " + b)).walk() == "b");
    CHECK(Walker(steps("{ repeat = 2, step = [{ repeat = 2, step = [" + a + "] }, " + b + "] }")).walk() ==
          "a, a, b, a, a, b");
    Walker until(steps("{ repeat = 3, while = \"${word} == go\", step = [" + a + "] }"));
    CHECK(until.walk() == "a, a, a");
    until.set("word", "stop");
    CHECK(until.walk().empty());
}

TEST_CASE("conditions choose between two ways")
{
    const auto branch = [](const std::string& condition) {
        return Walker(steps("{ if = \"" + condition + "\", step = [" + a + "], else = [" + b + "] }")).walk();
    };
    CHECK(branch("${word} == go") == "a");
    CHECK(branch("${word} != go") == "b");
    CHECK(branch("${n} < 10") == "a"); // as numbers: "2" is behind "10" as a text
    CHECK(branch("${n} >= 2") == "a");
    CHECK(branch("${word} < 10") == "b"); // no number
    CHECK(branch("${word} contains o") == "a");
    CHECK(branch("${word} matches ^g.$") == "a");
    CHECK(branch("${word}") == "a");
}

TEST_CASE("a choice takes its ways as often as their weights say")
{
    Walker walker(steps("{ choose = [{ weight = 3, step = [" + a + "] }, { step = [" + b + "] }] }"));
    int first = 0;
    for (int draw = 0; draw < 4000; ++draw) {
        first += walker.walk() == "a" ? 1 : 0;
    }
    CHECK(first > 2850); // 3000 expected, standard deviation 27
    CHECK(first < 3150);
}

TEST_CASE("a failure leads where the step says")
{
    Walker goes_on(steps("{ name = \"a\", http = \"GET ${api}/a\", on_error = \"continue\" }, " + b));
    CHECK(goes_on.ending("a", {StepEnd::failed}).walk() == "a, b");
    CHECK(goes_on.healthy);
    CHECK(goes_on.ending("a", {StepEnd::timed_out}).walk() == "a, b");

    const std::string why = "[{ name = \"why\", http = \"GET ${api}/why\" }]";
    Walker asks(steps("{ name = \"a\", http = \"GET ${api}/a\", on_error = " + why + " }, " + b));
    CHECK(asks.walk() == "a, b");
    CHECK(asks.ending("a", {StepEnd::failed}).walk() == "a, why, b");

    Walker apart(steps("{ name = \"a\", http = \"GET ${api}/a\", on_timeout = \"continue\" }, " + b));
    CHECK(apart.ending("a", {StepEnd::timed_out}).walk() == "a, b");
    CHECK(apart.ending("a", {StepEnd::failed}).walk() == "a");
    CHECK_FALSE(apart.healthy);

    Walker ends(steps("{ name = \"a\", http = \"GET ${api}/a\", on_error = [{ end = \"iteration\" }] }, " + b));
    CHECK(ends.ending("a", {StepEnd::failed}).walk() == "a");
    CHECK(ends.healthy);
}

TEST_CASE("an answer that is asked for again is recovered, or lost when its time is over")
{
    const auto polled =
        steps("{ name = \"a\", http = \"GET ${api}/a\", on_timeout = { poll = \"GET ${api}/late\", every "
              "= \"1s\", for = \"3s\" } }, " +
              b);
    Walker found(polled);
    found.ending("a", {StepEnd::timed_out}).ending("a/poll", {StepEnd::failed});
    CHECK(found.walk() == "a, wait 1s, a/poll, wait 1s, a/poll, a recovered, b");
    CHECK(found.healthy);

    Walker lost(polled);
    lost.ending("a", {StepEnd::timed_out}).ending("a/poll", std::vector<StepEnd>(9, StepEnd::failed));
    CHECK(lost.walk() == "a, wait 1s, a/poll, wait 1s, a/poll, wait 1s, a/poll, a lost");
    CHECK_FALSE(lost.healthy);
    CHECK(Walker(polled).ending("a", {StepEnd::failed}).walk() == "a");
}

TEST_CASE("a loop whose rounds do nothing gives the thread to others")
{
    Walker idle(steps("{ repeat = 5000, step = [{ if = \"${word} == stop\", step = [" + a + "] }] }"));
    const auto done = idle.walk();
    CHECK(done.starts_with("wait 0ns, wait 0ns, "));
    CHECK(done.find(", a") == std::string::npos);
}

TEST_CASE("loops that cannot be are problems of the plan")
{
    const auto problem = [](const std::string& list) {
        const auto outcome =
            scenario::parse_text("endpoints = { api = \"http://127.0.0.1:1\" }\n[[user]]\nname = \"u\"\n"
                                 "arrival = { closed = 1 }\n" +
                                     steps(list),
                                 "s.toml", {});
        REQUIRE(outcome.problems.empty());
        const auto made = plan::make_plan(outcome.scenario);
        REQUIRE(made.problems.size() == 1);
        return made.problems[0].message;
    };
    CHECK(problem("{ repeat = 3, step = [] }") == "nothing in this repeat sends or waits; expected a step that does");
    CHECK(problem("{ repeat = \"three\", step = [" + a + "] }").starts_with("\"three\" is not a number of rounds"));
    std::string deep = a;
    for (int depth = 0; depth < 9; ++depth) {
        deep = "{ repeat = 1, step = [" + deep + "] }";
    }
    CHECK(problem(deep) == "repeat stands inside 8 others; expected at most 7");
}

TEST_CASE("a choice has the weights of the cycle that runs")
{
    const plan::Journey journey{plan::Choose{{1, 1}, {1, 2}, {{1000, 0}, {0, 1000}}}, plan::Perform{0, {}, {}},
                                plan::Perform{1, {}, {}}};
    const plan::UserMemory memory(0);
    plan::GeneratorState generators{Random(1), nullptr};
    Random random(7);
    std::string scratch;
    const auto chosen = [&](std::optional<std::size_t> cycle) {
        std::map<std::uint32_t, int> counts;
        for (int i = 0; i < 100; ++i) {
            JourneyWalk walk({journey, memory, generators, random, scratch, cycle});
            ++counts[walk.next({}).step];
        }
        return counts;
    };
    CHECK(chosen(0) == std::map<std::uint32_t, int>{{0, 100}});
    CHECK(chosen(1) == std::map<std::uint32_t, int>{{1, 100}});
    CHECK(chosen(std::nullopt).size() == 2); // the primer: the journey's own
}
