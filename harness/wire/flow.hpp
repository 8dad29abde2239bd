// The coroutine of the hot path: lazy, on one thread, its frame from the FramePool, no executor inside.
//
// A Task (task.hpp) costs an Asio handler, an executor and an allocation or two at each level; a Flow costs a function
// call when it ends without waiting. Users of the engine are flows; Tasks do the rest.
#pragma once

#include "wire/frame_pool.hpp"

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace squall::wire {

template <typename T>
class Flow;

namespace detail {

class FlowPromiseBase {
public:
    static void* operator new(std::size_t size) { return FramePool::allocate(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { FramePool::release(frame, size); }

    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept
    {
        struct ResumeAwaiting {
            std::coroutine_handle<> awaiting;
            [[nodiscard]] bool await_ready() const noexcept { return false; }
            void await_suspend(std::coroutine_handle<> /*self*/) const noexcept
            {
                if (awaiting) {
                    awaiting.resume();
                }
            }
            void await_resume() const noexcept {}
        };
        return ResumeAwaiting{awaiting_};
    }
    void unhandled_exception() noexcept { failure_ = std::current_exception(); }

    void resume_at_end(std::coroutine_handle<> awaiting) noexcept { awaiting_ = awaiting; }
    void rethrow() const
    {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }

private:
    std::coroutine_handle<> awaiting_; // null while the flow has not waited yet
    std::exception_ptr failure_;
};

template <typename T>
class FlowPromise : public FlowPromiseBase {
public:
    Flow<T> get_return_object();
    template <typename U>
    void return_value(U&& value)
    {
        value_.emplace(std::forward<U>(value));
    }
    T take()
    {
        rethrow();
        return std::move(*value_);
    }

private:
    std::optional<T> value_;
};

template <>
class FlowPromise<void> : public FlowPromiseBase {
public:
    inline Flow<void> get_return_object();
    void return_void() noexcept {}
    void take() const { rethrow(); }
};

} // namespace detail

/// Starts when it is awaited and belongs to whom awaits it; exceptions come out of the await. Arguments by value, or by
/// reference to what outlives the await (typically the awaiting flow's own variables). What it waits on: see
/// readiness.hpp, timers.hpp, flow_bridge.hpp.
template <typename T = void>
class [[nodiscard]] Flow {
public:
    using promise_type = detail::FlowPromise<T>;

    explicit Flow(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
    Flow(Flow&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
    Flow& operator=(Flow&&) = delete;
    ~Flow()
    {
        if (frame_) {
            frame_.destroy();
        }
    }

    auto operator co_await() && noexcept
    {
        struct Run {
            std::coroutine_handle<promise_type> frame;
            // Runs it here and now: only a flow that really waits suspends the one that awaits it, so that a loop of
            // flows which never wait needs no stack.
            [[nodiscard]] bool await_ready() const
            {
                frame.resume();
                return frame.done();
            }
            void await_suspend(std::coroutine_handle<> awaiting) const noexcept
            {
                frame.promise().resume_at_end(awaiting);
            }
            T await_resume() const { return frame.promise().take(); }
        };
        return Run{frame_};
    }

private:
    std::coroutine_handle<promise_type> frame_;
};

template <typename T>
Flow<T> detail::FlowPromise<T>::get_return_object()
{
    return Flow<T>(std::coroutine_handle<FlowPromise>::from_promise(*this));
}

Flow<void> detail::FlowPromise<void>::get_return_object()
{
    return Flow<void>(std::coroutine_handle<FlowPromise>::from_promise(*this));
}

namespace detail {

/// The root of a started flow: owns itself.
struct StartedFlow {
    struct promise_type {
        static void* operator new(std::size_t size) { return FramePool::allocate(size); }
        static void operator delete(void* frame, std::size_t size) noexcept { FramePool::release(frame, size); }
        StartedFlow get_return_object() noexcept { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); } // only done() can throw here
    };
};

template <typename Done>
StartedFlow run_to_end(Flow<void> flow, Done done)
{
    std::exception_ptr failure;
    try {
        co_await std::move(flow);
    } catch (...) {
        failure = std::current_exception();
    }
    done(failure);
}

} // namespace detail

/// Starts the flow at once on this thread and calls `done(std::exception_ptr)` at its end. Whoever starts flows joins
/// them: see engine/task_group.hpp.
template <typename Done>
void start(Flow<void> flow, Done done)
{
    detail::run_to_end(std::move(flow), std::move(done));
}

} // namespace squall::wire
