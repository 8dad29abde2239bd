#include "sim/refkit/group_world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace squall::sim {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t too_many_steps = 50'000;
constexpr Duration patient = 1h;

} // namespace

GroupWorld::GroupWorld(std::uint64_t seed)
    : seed_(seed),
      random_(Random(seed).stream("group")),
      context_(Random(seed).stream("schedule"), 0.0),
      server_(context_, Random(seed).stream("server"))
{
    max_ = static_cast<std::size_t>(random_.between(1, 6));
    cancel_rate_ = random_.uniform() < 0.5 ? 0.03 : 0.0;
    const auto refuses = random_.uniform() < 0.3 ? 0.2 : 0.0;
    server_.manners = {.refuses = refuses, .breaks_off = refuses, .late = refuses};
    if (random_.uniform() < 0.5) {
        refkit::PoolTiersParams tiers{.max = max_, .tiers = {}};
        const auto count = random_.between(2, 4);
        std::size_t minima = 0;
        for (std::int64_t tier = 0; tier < count; ++tier) {
            refkit::PoolParams params;
            draw_params(params);
            params.min_idle = static_cast<std::size_t>(
                random_.between(0, static_cast<std::int64_t>(std::min(params.max, max_ - 1 - minima))));
            minima += params.min_idle;
            tiers.tiers.push_back({std::to_string(tier), params});
            params_.push_back(params);
        }
        // Any tier's: they differ in what adapters do not look at.
        tiers_ = std::make_unique<Tiers>(context_.executor(), MockAdapter{&server_, params_.front(), &complaint_},
                                         tiers, Random(seed).stream("pools"), context_.clock());
    } else {
        draw_params(shared_params_);
        max_ = shared_params_.max;
        shared_params_.min_idle =
            static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(shared_params_.max)));
        shared_ = std::make_unique<Shared>(context_.executor(), Random(seed).stream("pools"), 30ms, context_.clock());
    }
}

GroupWorld::~GroupWorld()
{
    context_.destroy_everything();
}

void GroupWorld::draw_params(refkit::PoolParams& params)
{
    params.max = static_cast<std::size_t>(random_.between(1, static_cast<std::int64_t>(max_)));
    params.idle_timeout = 20ms;
    params.validate_after = 2ms;
    params.validate_timeout = 10ms;
    params.reset_timeout = 10ms;
    params.close_timeout = 10ms;
    params.connect_timeout = 20ms;
    params.backoff_first = 1ms;
    params.backoff_longest = 20ms;
    params.max_lifetime.reset();
}

void GroupWorld::start()
{
    for (std::size_t tier = 0; tiers_ && tier < tiers_->size(); ++tier) {
        (*tiers_)[tier].async_run([](error_code) {});
    }
    const auto count = random_.between(2, 8);
    for (std::int64_t number = 0; number < count; ++number) {
        auto caller = std::make_unique<Caller>(random_.stream("caller", static_cast<std::uint64_t>(number)));
        asio::co_spawn(context_.executor(), live_as(this, caller.get()),
                       asio::bind_cancellation_slot(caller->signal.slot(),
                                                    [who = caller.get()](const std::exception_ptr&) { ++who->ended; }));
        callers_.push_back(std::move(caller));
    }
}

std::optional<std::string> GroupWorld::live()
{
    start();
    bool ending = false;
    while (!broken_) {
        context_.enter([this] { interfere(); });
        check();
        const bool all_ended = std::ranges::all_of(callers_, [](const auto& caller) { return caller->ended > 0; });
        if (all_ended && !std::exchange(ending, true) && tiers_) {
            for (std::size_t tier = 0; tier < tiers_->size(); ++tier) {
                context_.enter([this, tier] { (*tiers_)[tier].async_drain(30ms, [](error_code, bool) {}); });
            }
        }
        if (!context_.step()) {
            break;
        }
        if (context_.steps() > too_many_steps) {
            break_promise("it does not come to an end");
        }
    }
    if (!broken_ && (server_.open() != 0 || server_.clients != 0)) {
        break_promise(fmt::format("{} connections are left at the end", std::max(server_.open(), server_.clients)));
    }
    return broken_;
}

void GroupWorld::interfere()
{
    if (cancel_rate_ > 0 && random_.uniform() < cancel_rate_) {
        auto& caller =
            *callers_[static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(callers_.size()) - 1))];
        if (caller.started && caller.ended == 0) {
            caller.cancelled = true;
            caller.signal.emit(asio::cancellation_type::terminal);
        }
    }
    if (context_.steps() > 3000) {
        server_.manners = {};
    }
}

void GroupWorld::break_promise(std::string what)
{
    if (!broken_) {
        broken_ = fmt::format("step {}, {:.3f} ms: {}", context_.steps(),
                              to_seconds(context_.now().time_since_epoch()) * 1e3, what);
    }
}

void GroupWorld::check()
{
    if (server_.open() > max_) {
        break_promise(fmt::format("the server has {} connections of pools for {}", server_.open(), max_));
    }
    if (tiers_) {
        check_tiers();
    }
}

/// Whatever the others do, what is free is enough for what each tier lacks of its minimum.
void GroupWorld::check_tiers()
{
    std::size_t open = 0;
    std::size_t lacking = 0;
    bool ended = false;
    for (std::size_t tier = 0; tier < tiers_->size(); ++tier) {
        const auto stats = (*tiers_)[tier].stats();
        open += stats.total;
        lacking += params_[tier].min_idle - std::min(params_[tier].min_idle, stats.total);
        if (stats.total > params_[tier].max) {
            break_promise(fmt::format("tier {} has {} of {} connections", tier, stats.total, params_[tier].max));
        }
    }
    ended = std::ranges::all_of(callers_, [](const auto& caller) { return caller->ended > 0; });
    if (open > max_) {
        break_promise(fmt::format("the tiers have {} of {} connections", open, max_));
    }
    if (open + lacking > max_ && !ended) {
        break_promise(fmt::format("{} of {} connections are open, and the tiers' minima lack {}", open, max_, lacking));
    }
}

Task<void> GroupWorld::live_as(GroupWorld* world, Caller* caller)
{
    caller->started = true;
    for (; caller->rounds > 0 && !caller->cancelled; --caller->rounds) {
        co_await use_once(world, caller);
    }
}

Task<void> GroupWorld::use_once(GroupWorld* world, Caller* caller)
{
    SimTimer pause(world->context_.executor(),
                   world->context_.now() + std::chrono::microseconds(caller->random.between(0, 30'000)));
    co_await pause.async_wait(use_result);
    if (world->tiers_) {
        const auto tiers = static_cast<std::int64_t>(world->tiers_->size());
        auto& pool = (*world->tiers_)[static_cast<std::size_t>(caller->random.between(0, tiers - 1))];
        auto asking = ask(world, caller, std::shared_ptr<Pool>(&pool, [](Pool*) {}));
        co_await std::move(asking);
        co_return;
    }
    const MockAdapter adapter{&world->server_, world->shared_params_, &world->complaint_};
    auto handle = world->shared_->get(adapter, world->shared_params_);
    if (world->shared_->get(adapter, world->shared_params_) != handle) {
        world->break_promise("who asked for the same pool got two");
    }
    auto asking = ask(world, caller, std::move(handle));
    co_await std::move(asking);
}

Task<void> GroupWorld::ask(GroupWorld* world, Caller* caller, std::shared_ptr<Pool> pool)
{
    auto asking = pool->acquire(world->context_.now() + patient);
    auto got = co_await std::move(asking);
    if (!got) {
        if (!caller->cancelled) {
            world->break_promise(fmt::format("a patient caller was refused: {}", got.error().code.message()));
        }
        co_return;
    }
    auto loan = std::move(*got);
    SimTimer work(world->context_.executor(),
                  world->context_.now() + std::chrono::microseconds(caller->random.between(0, 3000)));
    co_await work.async_wait(use_result);
    if (caller->random.uniform() < 0.3) {
        pool.reset(); // the handle goes before the loan does
    }
}

} // namespace squall::sim
