// Coroutines that ask for something, and what they got.
#pragma once

#include "catch.hpp"
#include "wire/task.hpp"

#include <exception>
#include <list>
#include <optional>
#include <utility>

namespace squall::refkit {

/// One caller: what it got, when it got it, and how to cancel it.
template <typename Got>
struct Asking {
    std::optional<Got> got;
    bool threw = false;
    asio::cancellation_signal cancellation;
};

/// An event loop that runs handlers only when told to.
template <typename Got>
class Loop {
public:
    Loop() = default;
    /// What callers got goes before the context on which it works.
    ~Loop()
    {
        for (auto& asking : asking_) {
            asking.got.reset();
        }
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    Asking<Got>& ask(Task<Got> asked)
    {
        auto& asking = asking_.emplace_back();
        asio::co_spawn(context, keep(std::move(asked), asking),
                       asio::bind_cancellation_slot(asking.cancellation.slot(), [&asking](std::exception_ptr thrown) {
                           asking.threw = thrown != nullptr;
                       }));
        return asking;
    }
    /// Runs what is ready.
    void settle()
    {
        context.restart();
        context.poll();
    }
    /// Runs until the caller has its answer; timers are real and short.
    void wait_for(const Asking<Got>& asking)
    {
        context.restart();
        while (!asking.got && !asking.threw && context.run_one() > 0) {
        }
    }

private:
    std::list<Asking<Got>> asking_;

public:
    asio::io_context context; // goes before the callers, and the coroutines with it

private:
    static Task<void> keep(Task<Got> asked, Asking<Got>& asking)
    {
        auto got = co_await std::move(asked);
        asking.got.emplace(std::move(got));
    }
};

} // namespace squall::refkit
