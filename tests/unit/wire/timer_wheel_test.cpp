#include "base/random.hpp"
#include "wire/timer_wheel.hpp"

#include "catch.hpp"

#include <deque>
#include <map>
#include <vector>

using squall::Random;
using squall::wire::TimerWheel;
using squall::wire::WheelEntries;
using squall::wire::WheelEntry;
using Tick = TimerWheel::Tick;

namespace {

std::vector<const WheelEntry*> advance(TimerWheel& wheel, Tick to)
{
    WheelEntries due;
    wheel.advance(to, due);
    std::vector<const WheelEntry*> fired;
    while (!due.empty()) {
        fired.push_back(&due.front());
        due.pop_front();
    }
    return fired;
}

/// Some ticks near, some far, some at the edges of the wheel's levels.
Tick some_delay(Random& random)
{
    const auto bits = random.between(0, 30);
    const auto size = Tick{1} << static_cast<unsigned>(bits);
    return random.uniform() < 0.2 ? size : static_cast<Tick>(random.between(0, static_cast<std::int64_t>(size)));
}

/// The wheel beside what it must be equal to: a list sorted by time.
class Pair {
public:
    explicit Pair(std::uint64_t seed) : random_(seed) {}

    void add()
    {
        auto& entry = entries_.emplace_back();
        const auto due = wheel_.now() + some_delay(random_);
        wheel_.add(entry, due);
        model_.emplace(std::max(due, wheel_.now() + 1), &entry);
    }

    void remove()
    {
        if (model_.empty()) {
            return;
        }
        auto victim = model_.begin();
        std::advance(victim, random_.between(0, static_cast<std::int64_t>(model_.size()) - 1));
        wheel_.remove(const_cast<WheelEntry&>(*victim->second));
        model_.erase(victim);
    }

    /// True when what fired is what the model says, at its tick.
    bool go_on()
    {
        const auto to = wheel_.now() + some_delay(random_);
        const auto next = wheel_.next();
        if (next && (*next <= wheel_.now() || *next > model_.begin()->first)) {
            return false; // a look for nothing, or one too late
        }
        std::multimap<Tick, const WheelEntry*> fired;
        Tick before = 0;
        for (const auto* entry : advance(wheel_, to)) {
            if (entry->due() < before) {
                return false;
            }
            before = entry->due();
            fired.emplace(entry->due(), entry);
        }
        const auto end = model_.upper_bound(to);
        std::multimap<Tick, const WheelEntry*> expected(model_.begin(), end);
        model_.erase(model_.begin(), end);
        return same(fired, expected) && wheel_.empty() == model_.empty();
    }

    void step(double what) { what < 0.6 ? add() : remove(); }

private:
    static bool same(const std::multimap<Tick, const WheelEntry*>& left,
                     const std::multimap<Tick, const WheelEntry*>& right)
    {
        const auto as_set = [](const auto& map) {
            std::vector<std::pair<Tick, const WheelEntry*>> list(map.begin(), map.end());
            std::sort(list.begin(), list.end());
            return list;
        };
        return as_set(left) == as_set(right);
    }

    Random random_;
    std::deque<WheelEntry> entries_; // before the wheel is destroyed, some still run
    TimerWheel wheel_;
    std::multimap<Tick, const WheelEntry*> model_;
};

} // namespace

TEST_CASE("a timer wheel fires what a sorted list would fire")
{
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        Pair pair(seed + 1000);
        bool right = true;
        for (int round = 0; right && round < 400; ++round) {
            const auto what = random.uniform();
            what < 0.85 ? pair.step(what) : void(right = pair.go_on());
        }
        REQUIRE(right);
    }
}

TEST_CASE("a timer wheel")
{
    TimerWheel wheel;
    WheelEntry entry;

    SECTION("fires at the tick and not before, on every level")
    {
        for (const Tick due : {Tick{1}, Tick{63}, Tick{64}, Tick{65}, Tick{4096}, Tick{1} << 30U}) {
            TimerWheel fresh;
            fresh.add(entry, due);
            CHECK(advance(fresh, due - 1).empty());
            CHECK(advance(fresh, due).size() == 1);
            CHECK(fresh.empty());
        }
    }
    SECTION("takes what has passed for the next tick")
    {
        CHECK(advance(wheel, 100).empty());
        wheel.add(entry, 7);
        CHECK(entry.due() == 101);
        CHECK(advance(wheel, 101).size() == 1);
    }
    SECTION("forgets an entry that is destroyed or removed")
    {
        {
            WheelEntry brief;
            wheel.add(brief, 10);
        }
        CHECK(wheel.empty());
        wheel.add(entry, 10);
        wheel.remove(entry);
        CHECK(!wheel.next());
        CHECK(advance(wheel, 20).empty());
    }
    SECTION("lets an entry that is due be removed before it is its turn")
    {
        WheelEntry other;
        wheel.add(entry, 5);
        wheel.add(other, 5);
        WheelEntries due;
        wheel.advance(5, due);
        wheel.remove(other);
        CHECK(&due.front() == &entry);
        due.pop_front();
        CHECK(due.empty());
    }
    SECTION("holds what is beyond its end until its end")
    {
        wheel.add(entry, ~Tick{0});
        CHECK(entry.due() == TimerWheel::last_tick);
        CHECK(advance(wheel, Tick{1} << 40U).empty());
        CHECK(advance(wheel, TimerWheel::last_tick).size() == 1);
    }
}
