#include "sim/refkit/guard_world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace squall::sim {

using namespace std::chrono_literals;

namespace {

/// Handlers run in one life; a life that wants more does not come to an end.
constexpr std::uint64_t too_many_steps = 20'000;

} // namespace

GuardWorld::GuardWorld(const LifePlan& plan, bool trace)
    : plan_(plan),
      random_(Random(plan.seed).stream(plan.world)),
      context_(Random(plan.seed).stream("schedule"), hurry_of(plan)),
      trace_(trace),
      injections_(plan.injections)
{
    cancel_rate_ = plan_.small ? 0 : chance(0.6, 0.05);
    if (!plan_.small && random_.uniform() < 0.4) {
        end_at_step_ = static_cast<std::uint64_t>(random_.between(0, 150));
        end_is_of_loop_ = random_.uniform() < 0.5;
    }
    draw_callers();
}

void GuardWorld::draw_callers()
{
    const auto callers = random_.between(2, plan_.small ? 3 : 8);
    for (std::size_t number = 0; number < static_cast<std::size_t>(callers); ++number) {
        auto caller = std::make_unique<Caller>(number, random_.stream("caller", number));
        caller->rounds = static_cast<int>(caller->random.between(1, plan_.small ? 3 : 10));
        const auto heeds = caller->random.between(0, 2);
        caller->heeds = heeds == 0   ? asio::cancellation_type::terminal
                        : heeds == 1 ? asio::cancellation_type::partial
                                     : asio::cancellation_type::total;
        caller->stubborn = caller->random.uniform() < 0.5;
        callers_.push_back(std::move(caller));
    }
}

void GuardWorld::start()
{
    for (const auto& caller : callers_) {
        asio::co_spawn(context_.executor(), live_as(caller.get()),
                       asio::bind_cancellation_slot(caller->signal.slot(), [this, who = caller.get()](auto thrown) {
                           ++who->ended;
                           if (thrown && !who->cancelled) {
                               break_promise(fmt::format("caller {} ended by an exception", who->number));
                           }
                       }));
    }
}

std::optional<std::string> GuardWorld::live()
{
    start();
    while (!broken_ && !loop_destroyed_) {
        context_.enter([this] { interfere(); });
        if (loop_destroyed_) {
            break;
        }
        check_step(); // before the clock moves: who is cancelled may give its place to another at once
        if (!context_.step()) {
            break;
        }
        check_step();
        if (context_.at_rest()) {
            check_rest();
        }
        if (context_.steps() > too_many_steps) {
            break_promise("it does not come to an end");
        }
        for (const auto& caller : callers_) {
            if (caller->ended > 1) {
                break_promise(fmt::format("caller {} was completed twice", caller->number));
            }
        }
    }
    for (const auto& caller : callers_) {
        if (kept() && !loop_destroyed_ && caller->ended != 1) {
            break_promise(fmt::format("caller {} never came to an end", caller->number));
        }
    }
    if (kept()) {
        check_end();
    }
    if (!guard_gone_) {
        end_guard();
    }
    context_.destroy_everything();
    return broken_;
}

/// Between two steps.
void GuardWorld::interfere()
{
    for (const auto& injection : injections_) {
        if (injection.step == context_.steps()) {
            cancel_caller(injection.target);
        }
    }
    std::erase_if(injections_, [this](const Injection& one) { return one.step <= context_.steps(); });
    if (cancel_rate_ > 0 && random_.uniform() < cancel_rate_) {
        cancel_caller(static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(callers_.size()) - 1)));
    }
    if (!plan_.small) {
        meddle();
    }
    if (end_at_step_ && context_.steps() >= *end_at_step_) {
        end_at_step_.reset();
        if (end_is_of_loop_) {
            say([] { return "the event loop ends"; });
            loop_destroyed_ = true;
            context_.destroy_everything();
        } else {
            end_guard();
        }
    }
}

void GuardWorld::cancel_caller(std::size_t number)
{
    if (number >= callers_.size()) {
        end_guard();
        return;
    }
    auto& caller = *callers_[number];
    if (caller.started && caller.ended == 0) {
        say([&] { return fmt::format("caller {} is cancelled", number); });
        caller.cancelled = true;
        caller.signal.emit(caller.heeds);
    }
}

void GuardWorld::end_guard()
{
    if (!std::exchange(guard_gone_, true)) {
        say([] { return "what they use is destroyed"; });
        destroy_guard();
    }
}

Task<void> GuardWorld::live_as(Caller* caller)
{
    caller->started = true;
    const auto heed = [heeds = caller->heeds](asio::cancellation_type type) {
        return (type & heeds) != asio::cancellation_type::none ? type : asio::cancellation_type::none;
    };
    co_await asio::this_coro::reset_cancellation_state(heed);
    for (; caller->rounds > 0; --caller->rounds) {
        bool threw = false;
        try {
            co_await use_once(caller);
        } catch (const boost::system::system_error&) {
            threw = true;
        }
        const auto state = co_await asio::this_coro::cancellation_state;
        if (threw && state.cancelled() == asio::cancellation_type::none) {
            break_promise(fmt::format("caller {} was thrown at without being cancelled", caller->number));
        }
        if (state.cancelled() != asio::cancellation_type::none) {
            if (!caller->stubborn) {
                co_return;
            }
            co_await asio::this_coro::reset_cancellation_state(heed);
        }
        caller->cancelled = false;
    }
}

Task<void> GuardWorld::pause(Duration duration)
{
    SimTimer timer(context_.executor(), now() + duration);
    co_await timer.async_wait(use_result);
}

Duration GuardWorld::some_patience(Random& random) const
{
    return random.uniform() < 0.1   ? Duration(0)
           : random.uniform() < 0.5 ? Duration(std::chrono::microseconds(random.between(1, 5000)))
                                    : Duration(1h);
}

std::size_t GuardWorld::check_waiters_at_rest()
{
    std::size_t waiting = 0;
    for (const auto& caller : callers_) {
        if (!caller->waiting) {
            continue;
        }
        ++waiting;
        if (now() >= caller->deadline) {
            break_promise(fmt::format("caller {} still waits after its deadline", caller->number));
        }
        if (caller->place < last_served_) {
            break_promise(fmt::format("caller {} was overtaken", caller->number));
        }
        if (guard_gone_) {
            break_promise(fmt::format("caller {} waits for what is gone", caller->number));
        }
    }
    return waiting;
}

void GuardWorld::served(const Caller& caller)
{
    last_served_ = std::max(last_served_, caller.place);
}

void GuardWorld::break_promise(std::string what)
{
    if (!broken_) {
        broken_ =
            fmt::format("step {}, {:.3f} ms: {}", context_.steps(), to_seconds(now().time_since_epoch()) * 1e3, what);
    }
}

void GuardWorld::say(const std::function<std::string()>& what) const
{
    if (trace_) {
        fmt::print("{:6} {:10.3f} ms  {}\n", context_.steps(), to_seconds(now().time_since_epoch()) * 1e3, what());
    }
}

} // namespace squall::sim
