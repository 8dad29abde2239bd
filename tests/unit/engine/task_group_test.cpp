#include "engine/task_group.hpp"

#include "catch.hpp"

#include <stdexcept>

using namespace std::chrono_literals;
using squall::Task;
using squall::engine::TaskGroup;

namespace asio = squall::asio;

namespace {

Task<void> count_after(Task<void> first, int& counter)
{
    co_await std::move(first);
    ++counter;
}

Task<void> yield_once()
{
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
}

Task<void> fail_with(std::string text)
{
    co_await yield_once();
    throw std::runtime_error(text);
}

Task<void> join_two(TaskGroup& group, int& counter, int& seen_at_join)
{
    group.spawn(count_after(yield_once(), counter));
    group.spawn(count_after(yield_once(), counter));
    co_await group.join();
    seen_at_join = counter;
}

Task<void> join_failing(TaskGroup& group, std::string& message)
{
    group.spawn(fail_with("first"));
    group.spawn(fail_with("second"));
    try {
        co_await group.join();
    } catch (const std::runtime_error& error) {
        message = error.what();
    }
}

} // namespace

TEST_CASE("a task group")
{
    asio::io_context context{1};
    TaskGroup group(context.get_executor());

    SECTION("joins only when every task has ended")
    {
        int counter = 0;
        int seen_at_join = -1;
        asio::co_spawn(context, join_two(group, counter, seen_at_join), asio::detached);
        context.run();
        CHECK(seen_at_join == 2);
    }
    SECTION("hands on the first exception, after all have ended")
    {
        std::string message;
        asio::co_spawn(context, join_failing(group, message), asio::detached);
        context.run();
        CHECK(message == "first");
        CHECK(group.running() == 0);
    }
}
