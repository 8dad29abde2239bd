// What happens in a life: how it is drawn, who is cancelled when, and how it ends.
#include "sim/refkit/pool_world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace squall::sim {

using namespace std::chrono_literals;

namespace {

/// Handlers run in one life; a life that wants more does not come to an end.
constexpr std::uint64_t too_many_steps = 50'000;

} // namespace

PoolWorld::PoolWorld(LifePlan plan, bool trace)
    : plan_(std::move(plan)),
      trace_(trace),
      random_(Random(plan_.seed).stream("world")),
      context_(Random(plan_.seed).stream("schedule"), hurry_of(plan_)),
      server_(context_, Random(plan_.seed).stream("server"))
{
    draw();
    pool_ =
        std::make_unique<Pool>(context_.executor(), MockAdapter{&server_, params_, &complaint_, cancels_statements_},
                               params_, Random(plan_.seed).stream("pool"), context_.clock());
}

PoolWorld::~PoolWorld()
{
    context_.destroy_everything();
}

void PoolWorld::draw()
{
    const auto chance = [this](double of, double yes) { return random_.uniform() < of ? yes : 0.0; };
    params_.max = static_cast<std::size_t>(random_.between(1, plan_.small ? 2 : 5));
    params_.min_idle = static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(params_.max)));
    params_.idle_timeout = 50ms;
    params_.validate_after = std::chrono::microseconds(random_.between(100, 3000));
    params_.validate_timeout = 10ms;
    params_.reset_timeout = 10ms;
    params_.close_timeout = 10ms;
    params_.connect_timeout = 20ms;
    params_.backoff_first = 1ms;
    params_.backoff_longest = 20ms;
    params_.connect_limit = static_cast<std::size_t>(random_.between(1, 4));
    if (random_.uniform() < 0.2) {
        params_.max_waiters = static_cast<std::size_t>(random_.between(0, 4));
    }
    params_.max_lifetime.reset();
    if (random_.uniform() < 0.3) {
        params_.max_lifetime = std::chrono::milliseconds(random_.between(2, 40));
        params_.max_usage = static_cast<std::uint64_t>(random_.between(1, 20));
        params_.leak_detection_threshold = 5ms;
    }
    if (random_.uniform() < 0.3) {
        params_.keepalive = std::chrono::milliseconds(random_.between(1, 20));
    }
    params_.fairness = random_.uniform() < 0.2 ? refkit::Fairness::barging : refkit::Fairness::fifo;
    const auto policy = random_.between(0, 9);
    using refkit::ResetOnReturn;
    params_.reset_on_return = policy == 0   ? ResetOnReturn::none
                              : policy == 1 ? ResetOnReturn::discard_all
                              : policy == 2 ? ResetOnReturn::custom
                                            : ResetOnReturn::rollback;
    params_.custom_reset = params_.reset_on_return == ResetOnReturn::custom ? "forget everything" : "";
    cancels_statements_ = random_.uniform() < 0.5;
    server_.manners = {.refuses = chance(0.4, 0.3),
                       .black_holes = chance(0.3, 0.2),
                       .breaks_off = chance(0.4, 0.2),
                       .late = chance(0.3, 0.2)};
    reset_rate_ = plan_.small ? 0 : chance(0.2, 0.02);
    cancel_rate_ = plan_.small ? 0 : chance(0.7, 0.03);
    ending_ = static_cast<Ending>(random_.between(0, plan_.small ? 3 : 4));
    if (!plan_.small && random_.uniform() < 0.5) {
        end_at_step_ = static_cast<std::uint64_t>(random_.between(0, 400));
    }
    const auto callers = random_.between(2, plan_.small ? 3 : 8);
    for (std::size_t number = 0; number < static_cast<std::size_t>(callers); ++number) {
        auto caller = std::make_unique<Caller>(number, random_.stream("caller", number));
        caller->rounds = static_cast<int>(caller->random.between(1, plan_.small ? 2 : 12));
        const auto heeds = caller->random.between(0, 2);
        caller->heeds = heeds == 0   ? asio::cancellation_type::terminal
                        : heeds == 1 ? asio::cancellation_type::partial
                                     : asio::cancellation_type::total;
        caller->stubborn = caller->random.uniform() < 0.5;
        callers_.push_back(std::move(caller));
    }
}

void PoolWorld::start()
{
    asio::co_spawn(context_.executor(), run_pool(this, pool_->run()),
                   asio::bind_cancellation_slot(run_signal_.slot(), [this](std::exception_ptr) { ++run_ended_; }));
    for (const auto& caller : callers_) {
        asio::co_spawn(context_.executor(), live_as(this, caller.get()),
                       asio::bind_cancellation_slot(caller->signal.slot(), [this, who = caller.get()](auto thrown) {
                           ++who->ended;
                           if (thrown && !who->cancelled) {
                               break_promise(fmt::format("caller {} ended by an exception", who->number));
                           }
                       }));
    }
}

std::optional<std::string> PoolWorld::live()
{
    start();
    while (!broken_) {
        context_.enter([this] { interfere(); });
        if (ending_begun_ && ending_ == Ending::loop_destroyed) {
            destroy_loop();
            break;
        }
        if (!context_.step()) {
            if (ending_begun_ || broken_) {
                break;
            }
            context_.enter([this] { begin_end(); });
            continue;
        }
        check_step();
        if (context_.at_rest()) {
            check_rest();
        }
        if (context_.steps() > too_many_steps) {
            break_promise("it does not come to an end");
        }
    }
    if (!broken_) {
        check_end();
    }
    if (!broken_) {
        pool_.reset();
        context_.destroy_everything();
        if (server_.open() != 0 || server_.clients != 0) {
            break_promise(fmt::format("{} connections outlive the pool", std::max(server_.open(), server_.clients)));
        }
    }
    return broken_;
}

/// Between two steps.
void PoolWorld::interfere()
{
    for (const auto& injection : plan_.injections) {
        if (injection.step == context_.steps()) {
            cancel_caller(injection.target);
        }
    }
    std::erase_if(plan_.injections, [this](const Injection& one) { return one.step <= context_.steps(); });
    if (cancel_rate_ > 0 && random_.uniform() < cancel_rate_) {
        cancel_caller(static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(callers_.size()) - 1)));
    }
    if (pool_ && reset_rate_ > 0 && random_.uniform() < reset_rate_) {
        say([] { return "reset"; });
        reset_before_place_ = next_place_;
        reset_session_ = server_.last_number();
        pool_->reset();
    }
    if (context_.steps() > 1500) {
        server_.manners = {}; // one that never recovered would keep patient callers for ever
    }
    const bool due = end_at_step_ ? context_.steps() >= *end_at_step_ : evening_over();
    if (due && !ending_begun_) {
        begin_end();
    }
}

/// Everybody has left, and the pool had the time to shrink, or to grow, to its minimum.
bool PoolWorld::evening_over()
{
    if (!everybody_left() || ending_begun_) {
        return false;
    }
    const auto evening = params_.idle_timeout + params_.connect_timeout + 2 * params_.backoff_longest +
                         params_.validate_timeout + params_.reset_timeout + params_.close_timeout;
    if (!quiet_since_) {
        quiet_since_ = context_.now();
        server_.manners = {};
        context_.calm_down();
        reset_rate_ = 0;
        context_.wait_until(context_.now() + evening, make_work([] {}));
    }
    if (context_.now() - *quiet_since_ < evening || !context_.at_rest()) {
        return false;
    }
    check_quiet();
    return true;
}

void PoolWorld::cancel_caller(std::size_t number)
{
    if (number >= callers_.size()) {
        begin_end();
        return;
    }
    auto& caller = *callers_[number];
    if (caller.started && caller.ended == 0) {
        say([&] { return fmt::format("caller {} is cancelled", number); });
        caller.cancelled = true;
        caller.signal.emit(caller.heeds);
    }
}

bool PoolWorld::everybody_left() const
{
    return std::ranges::all_of(callers_, [](const auto& caller) { return caller->ended > 0; });
}

void PoolWorld::begin_end()
{
    if (std::exchange(ending_begun_, true)) {
        return;
    }
    say([this] { return fmt::format("the end begins: {}", static_cast<int>(ending_)); });
    switch (ending_) {
    case Ending::cancel:
        pool_->cancel();
        break;
    case Ending::run_cancelled:
        if (run_started_) {
            run_signal_.emit(asio::cancellation_type::terminal);
        } else {
            pool_->cancel();
        }
        break;
    case Ending::destroyed:
        pool_.reset();
        break;
    case Ending::drained:
        asio::co_spawn(context_.executor(), pool_->drain(std::chrono::milliseconds(random_.between(0, 30))),
                       [this](std::exception_ptr, bool gentle) {
                           drained_ = true;
                           say([gentle] { return fmt::format("drained, {}", gentle ? "gently" : "by force"); });
                       });
        aborted_ = true;
        break;
    case Ending::loop_destroyed:
        break;
    }
}

/// The event loop ends in the middle of everything: what it held is destroyed, in any order.
void PoolWorld::destroy_loop()
{
    context_.destroy_everything();
}

} // namespace squall::sim
