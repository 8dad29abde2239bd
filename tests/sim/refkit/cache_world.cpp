// A life of a BoundedCache: keys that many want at once, loads that are slow, fail, throw, or never end by themselves.
#include "refkit/cache/bounded_cache.hpp"
#include "sim/refkit/guard_world.hpp"
#include "sim/refkit/worlds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <map>
#include <stdexcept>

namespace squall::sim {
namespace {

using namespace std::chrono_literals;
using refkit::Errc;

struct Loaded {
    int key;
    std::uint64_t load; // its number
};

class CacheWorld final : public GuardWorld {
public:
    CacheWorld(const LifePlan& plan, bool trace);

private:
    using Cache = refkit::BoundedCache<int, Loaded, std::hash<int>, SimTimer>;
    struct Load {
        std::uint64_t number;
        int key;
        Instant deadline;
        bool wanted = true; // not invalidated since it began
        bool over = false;
    };
    class UnderWay;
    enum class Manner { good, fails, throws, hangs };

    Task<void> use_once(Caller* caller) override;
    Task<Result<Loaded>> load(int key, Instant deadline);
    void invalidate(int key);
    void judge_value(const Caller& caller, int key, std::uint64_t oldest, bool at_once, const Loaded& value);
    void judge_failure(const Caller& caller, int key, const refkit::LoadFailure& failure);
    void meddle() override;
    void destroy_guard() override { cache_.reset(); }
    void check_step() override;
    void check_rest() override;
    void check_end() override;

    refkit::CacheParams params_;
    int keys_ = 1;
    double trouble_ = 0;
    double invalidate_rate_ = 0;
    std::optional<Cache> cache_;
    std::list<Load> loads_;
    std::map<int, std::uint64_t> oldest_good_; // loads of a key from this one on are up to date
    std::map<std::uint64_t, Instant> loaded_at_;
    std::map<int, bool> failed_;    // a load of the key has failed,
    std::map<int, bool> timed_out_; // or run into its deadline
    std::uint64_t asked_ = 0;
};

/// While the loader's coroutine lives.
class CacheWorld::UnderWay {
public:
    UnderWay(CacheWorld& world, int key, Instant deadline) : world_(world)
    {
        for (const auto& other : world.loads_) {
            // One that was given up at its deadline may still be on its way out.
            if (other.key == key && other.wanted && !other.over && world.now() < other.deadline) {
                world.break_promise(fmt::format("key {} is loaded twice at a time", key));
            }
        }
        world.loads_.push_back({world.loads_.size() + 1, key, deadline});
        load_ = &world.loads_.back();
    }
    ~UnderWay() { load_->over = true; }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;
    [[nodiscard]] std::uint64_t number() const { return load_->number; }

private:
    CacheWorld& world_;
    Load* load_;
};

CacheWorld::CacheWorld(const LifePlan& plan, bool trace) : GuardWorld(plan, trace)
{
    keys_ = static_cast<int>(random_.between(1, 3));
    params_.max_entries = static_cast<std::size_t>(random_.between(1, 3));
    params_.time_to_live = std::chrono::microseconds(random_.between(200, 5000));
    params_.jitter = Ratio::of(0.1 * static_cast<double>(random_.between(0, 5)));
    params_.load_timeout = 3ms;
    trouble_ = chance(0.7, 0.4);
    invalidate_rate_ = plan.small ? 0 : chance(0.4, 0.05);
    const auto loader = [this](int key, Instant deadline) { return load(key, deadline); };
    cache_.emplace(context_.executor(), params_, loader, random_.stream("cache"), context_.clock());
}

Task<Result<Loaded>> CacheWorld::load(int key, Instant deadline)
{
    UnderWay under_way(*this, key, deadline);
    say([&] { return fmt::format("load {} of key {} begins", under_way.number(), key); });
    const auto manner = random_.uniform() < trouble_ ? static_cast<Manner>(random_.between(1, 3)) : Manner::good;
    if (random_.uniform() < 0.2) { // one that does not heed cancellation
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    }
    if (random_.uniform() < 0.8) {
        const Duration takes =
            manner == Manner::hangs ? Duration(1s) : Duration(std::chrono::microseconds(random_.between(0, 1500)));
        co_await pause(takes);
    }
    if (manner == Manner::throws) {
        failed_[key] = true;
        throw std::runtime_error("the origin threw");
    }
    if (manner == Manner::fails) {
        failed_[key] = true;
        co_return fail("the origin is down");
    }
    loaded_at_[under_way.number()] = now();
    co_return Loaded{key, under_way.number()};
}

Task<void> CacheWorld::use_once(Caller* caller)
{
    auto& random = caller->random;
    co_await pause(std::chrono::microseconds(random.between(0, 2000)));
    if (!cache_) {
        co_return;
    }
    const auto key = static_cast<int>(random.between(1, keys_));
    const auto oldest = oldest_good_[key];
    const auto step = steps();
    const auto state = co_await asio::this_coro::cancellation_state;
    asked_ += state.cancelled() == asio::cancellation_type::none ? 1U : 0U; // otherwise it is thrown out of get()
    Waiting waiting(*this, *caller, some_patience(random));
    auto asked = cache_->get(key, caller->deadline);
    auto got = co_await std::move(asked);
    waiting.end();
    if (got) {
        judge_value(*caller, key, oldest, step == steps(), got.value());
    } else {
        judge_failure(*caller, key, got.error());
    }
}

void CacheWorld::judge_value(const Caller& caller, int key, std::uint64_t oldest, bool at_once, const Loaded& value)
{
    say([&] { return fmt::format("caller {} has load {} of key {}", caller.number, value.load, key); });
    if (value.key != key) {
        break_promise(fmt::format("caller {} wanted key {} and got {}", caller.number, key, value.key));
    }
    if (value.load < oldest) {
        break_promise(fmt::format("caller {} got load {} of key {}, which was invalidated before it asked",
                                  caller.number, value.load, key));
    }
    if (at_once && unhurried() && now() - loaded_at_[value.load] >= params_.time_to_live) {
        break_promise(fmt::format("caller {} got load {} past its time to live", caller.number, value.load));
    }
}

void CacheWorld::judge_failure(const Caller& caller, int key, const refkit::LoadFailure& failure)
{
    const auto code = static_cast<Errc>(failure.code.value());
    say([&] { return fmt::format("caller {} has no value: {}", caller.number, refkit::to_string(code)); });
    const auto late = [&](const Load& load) { return load.key == key && now() >= load.deadline; };
    const auto justified = [&] {
        switch (code) {
        case Errc::acquire_timeout:
            return now() >= caller.deadline;
        case Errc::acquire_cancelled:
            return caller.cancelled || guard_gone();
        case Errc::load_failed:
            return failed_[key] && !failure.message.empty();
        case Errc::load_timeout:
            return !unhurried() || std::ranges::any_of(loads_, late);
        default:
            return false;
        }
    };
    if (!justified()) {
        break_promise(fmt::format("caller {} was failed without reason: {}", caller.number, refkit::to_string(code)));
    }
}

void CacheWorld::invalidate(int key)
{
    say([&] { return fmt::format("key {} is invalidated", key); });
    oldest_good_[key] = loads_.size() + 1;
    for (auto& load : loads_) {
        load.wanted = load.wanted && load.key != key;
    }
}

void CacheWorld::meddle()
{
    if (!cache_ || invalidate_rate_ == 0 || random_.uniform() >= invalidate_rate_) {
        return;
    }
    if (random_.uniform() < 0.2) {
        for (int key = 1; key <= keys_; ++key) {
            invalidate(key);
        }
        cache_->clear();
    } else {
        const auto key = static_cast<int>(random_.between(1, keys_));
        invalidate(key);
        cache_->invalidate(key);
    }
}

void CacheWorld::check_step()
{
    if (cache_ && cache_->stats().entries > params_.max_entries) {
        break_promise(fmt::format("{} values in a cache for {}", cache_->stats().entries, params_.max_entries));
    }
}

void CacheWorld::check_rest()
{
    std::size_t waiting = 0;
    for (const auto& caller : callers_) {
        if (!caller->waiting) {
            continue;
        }
        ++waiting;
        if (now() > caller->deadline || guard_gone()) {
            break_promise(fmt::format("caller {} waits past its deadline, or for what is gone", caller->number));
        }
    }
    if (!cache_) {
        return;
    }
    const auto stats = cache_->stats();
    const auto running =
        std::ranges::count_if(loads_, [this](const Load& load) { return !load.over && now() < load.deadline; });
    if (stats.loading != static_cast<std::size_t>(running)) {
        break_promise(fmt::format("the cache counts {} loads, and {} run", stats.loading, running));
    }
    if (waiting > 0 && running == 0) {
        break_promise(fmt::format("{} callers wait, and nothing is loaded", waiting));
    }
}

void CacheWorld::check_end()
{
    if (!cache_ || loop_destroyed()) {
        return;
    }
    const auto stats = cache_->stats();
    if (stats.hits + stats.misses + stats.joined != asked_) {
        break_promise(fmt::format("{} hits, {} misses and {} that joined are not {} callers", stats.hits, stats.misses,
                                  stats.joined, asked_));
    }
    if (stats.misses != loads_.size() && unhurried()) {
        break_promise(fmt::format("{} loads for {} misses", loads_.size(), stats.misses));
    }
}

} // namespace

std::unique_ptr<World> make_cache_world(const LifePlan& plan, bool trace)
{
    return std::make_unique<CacheWorld>(plan, trace);
}

} // namespace squall::sim
