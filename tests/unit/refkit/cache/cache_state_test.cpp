#include "refkit/cache/cache_state.hpp"

#include "unit/refkit/seeds.hpp"

#include <algorithm>
#include <map>
#include <string>

using namespace std::chrono_literals;

namespace squall::refkit {
namespace {

const Instant start{1h};

CacheParams room_for(std::size_t entries)
{
    CacheParams params;
    params.max_entries = entries;
    params.time_to_live = 10s;
    return params;
}

class Cache : public CacheState<std::string, int> {
public:
    using CacheState::CacheState;

    std::optional<int> kept(const std::string& key, Instant now = start)
    {
        const auto found = find(key, now);
        const auto* value = std::get_if<const int*>(&found);
        return value != nullptr ? std::optional(**value) : std::nullopt;
    }
    Flight flight(const std::string& key, Instant now = start) { return std::get<Flight>(find(key, now)); }
    void load(const std::string& key, int value, Instant now = start) { loaded(flight(key, now).id, value, now); }
};

} // namespace

TEST_CASE("a value that many want at once is loaded once")
{
    Cache cache(room_for(2), Random(1));
    const auto first = cache.flight("a");
    const auto second = cache.flight("a");
    CHECK(first.begin);
    CHECK_FALSE(second.begin);
    CHECK(first.id == second.id);
    CHECK(cache.flight("b").begin);
    cache.loaded(first.id, 7, start);
    CHECK(cache.kept("a") == 7);
    CHECK(cache.stats().misses == 2);
    CHECK(cache.stats().joined == 1);
    CHECK(cache.stats().hits == 1);
    CHECK(cache.stats().loading == 1);
}

TEST_CASE("a value lives as long as told, from when it was loaded")
{
    Cache cache(room_for(2), Random(1));
    const auto flight = cache.flight("a");
    cache.loaded(flight.id, 7, start + 3s);
    CHECK(cache.kept("a", start + 13s - 1ns) == 7);
    CHECK(cache.flight("a", start + 13s).begin);
    CHECK(cache.stats().expired == 1);
    CHECK(cache.stats().entries == 0);
}

TEST_CASE("jitter makes values expire one by one, none later than told")
{
    auto params = room_for(1000);
    params.jitter = Ratio::of(0.5);
    Cache cache(params, Random(1));
    for (int i = 0; i < 1000; ++i) {
        cache.load(std::to_string(i), i);
    }
    const auto alive_at = [&](Duration after) {
        int alive = 0;
        for (int i = 0; i < 1000; ++i) {
            alive += cache.kept(std::to_string(i), start + after) ? 1 : 0;
        }
        return alive;
    };
    CHECK(alive_at(5s) == 1000);
    const auto half_way = alive_at(7500ms);
    CHECK(half_way > 400);
    CHECK(half_way < 600);
    CHECK(alive_at(10s) == 0);
}

TEST_CASE("a full cache gives up what was used longest ago")
{
    Cache cache(room_for(2), Random(1));
    cache.load("a", 1);
    cache.load("b", 2);
    CHECK(cache.kept("a") == 1);
    cache.load("c", 3);
    CHECK(cache.stats().entries == 2);
    CHECK(cache.stats().evicted == 1);
    CHECK(cache.kept("a") == 1);
    CHECK(cache.kept("c") == 3);
    CHECK_FALSE(cache.kept("b").has_value());
}

TEST_CASE("a load that failed is not kept: the next caller loads anew")
{
    Cache cache(room_for(2), Random(1));
    const auto first = cache.flight("a");
    cache.failed(first.id);
    cache.failed(first.id);
    cache.loaded(first.id, 1, start); // late
    const auto second = cache.flight("a");
    CHECK(second.begin);
    CHECK(second.id != first.id);
    CHECK(cache.stats().failed_loads == 1);
}

TEST_CASE("what was invalidated while it was loaded is not kept and not joined")
{
    Cache cache(room_for(2), Random(1));
    const auto old = cache.flight("a");
    SECTION("one key")
    {
        cache.invalidate("a");
    }
    SECTION("all")
    {
        cache.clear();
    }
    const auto fresh = cache.flight("a");
    CHECK(fresh.begin);
    cache.loaded(old.id, 1, start);
    CHECK_FALSE(cache.flight("a").begin);
    cache.loaded(fresh.id, 2, start);
    CHECK(cache.kept("a") == 2);
}

TEST_CASE("what is kept goes when it is invalidated")
{
    Cache cache(room_for(2), Random(1));
    cache.load("a", 1);
    cache.load("b", 2);
    cache.invalidate("a");
    cache.invalidate("a");
    CHECK_FALSE(cache.kept("a").has_value());
    CHECK(cache.kept("b") == 2);
    cache.clear();
    CHECK(cache.stats().entries == 0);
}

TEST_CASE("a clock that jumps back makes no value live longer")
{
    Cache cache(room_for(2), Random(1));
    cache.load("a", 1);
    CHECK_FALSE(cache.kept("a", start - 1ns).has_value());
}

TEST_CASE("a cache keeps its promises whatever happens, in whatever order")
{
    for_seeds(10'000, [](std::uint64_t seed) {
        Random random(seed);
        auto params = room_for(static_cast<std::size_t>(random.between(1, 4)));
        Cache cache(params, Random(seed));
        struct Kept {
            int value;
            Instant since;
        };
        std::map<std::string, int> version;      // of each key's truth
        std::map<std::string, Kept> last_loaded; // and not invalidated
        struct Flying {
            std::string key;
            int version;
        };
        std::map<FlightId, Flying> flying;
        auto now = start;
        for (int step = 0; step < 80; ++step) {
            const std::string key(1, static_cast<char>('a' + random.between(0, 5)));
            const auto choice = random.between(0, 9);
            if (choice < 5) {
                const auto found = cache.find(key, now);
                if (const auto* value = std::get_if<const int*>(&found)) {
                    SCHEDULE_REQUIRE(last_loaded.contains(key));
                    SCHEDULE_REQUIRE(**value == last_loaded[key].value);
                    SCHEDULE_REQUIRE(**value == version[key]); // never out of date
                    SCHEDULE_REQUIRE(now - last_loaded[key].since < params.time_to_live);
                } else {
                    const auto flight = std::get<Cache::Flight>(found);
                    SCHEDULE_REQUIRE(flying.contains(flight.id) != flight.begin);
                    flying.emplace(flight.id, Flying{key, version[key]});
                    SCHEDULE_REQUIRE(flying.at(flight.id).key == key);
                    SCHEDULE_REQUIRE(flying.at(flight.id).version == version[key]);
                }
            } else if (choice < 8 && !flying.empty()) {
                auto chosen = flying.begin();
                std::advance(chosen, random.between(0, static_cast<std::int64_t>(flying.size()) - 1));
                const auto [id, flight] = *chosen;
                flying.erase(chosen);
                if (random.uniform() < 0.7) {
                    cache.loaded(id, flight.version, now);
                    if (flight.version == version[flight.key]) {
                        last_loaded[flight.key] = {flight.version, now};
                    }
                } else {
                    cache.failed(id);
                }
            } else if (choice < 9) {
                now += std::chrono::milliseconds(random.between(0, 4000));
            } else {
                ++version[key];
                last_loaded.erase(key);
                cache.invalidate(key);
            }
            const auto stats = cache.stats();
            SCHEDULE_REQUIRE(stats.entries <= params.max_entries);
            SCHEDULE_REQUIRE(stats.loading == flying.size());
        }
    });
}

TEST_CASE("parameters of a cache that make no sense are refused")
{
    const auto broken = [](auto change) {
        CacheParams params;
        change(params);
        CHECK_THROWS_AS((CacheState<int, int>(params, Random(1))), std::invalid_argument);
        return !check(params).has_value();
    };
    CHECK(check(CacheParams{}).has_value());
    CHECK(broken([](auto& params) { params.max_entries = 0; }));
    CHECK(broken([](auto& params) { params.time_to_live = 0s; }));
    CHECK(broken([](auto& params) { params.time_to_live = Duration::max(); }));
    CHECK(broken([](auto& params) { params.load_timeout = -1s; }));
    CHECK(broken([](auto& params) { params.jitter = Ratio::of(1); }));
}

} // namespace squall::refkit
