#include "wire/flow.hpp"
#include "wire/flow_bridge.hpp"
#include "wire/wake_list.hpp"

#include "catch.hpp"
#include "run_task.hpp"

#include <stdexcept>
#include <string>

using squall::Task;
using squall::wire::Flow;
using squall::wire::FramePool;
using squall::wire::WakeList;

namespace asio = squall::asio;

namespace {

Flow<int> at_once(int value)
{
    co_return value;
}

Flow<int> sum_up_to(int last)
{
    int sum = 0;
    for (int value = 1; value <= last; ++value) {
        sum += co_await at_once(value % 2);
    }
    co_return sum;
}

Flow<int> after_a_turn(WakeList& wakes, int value)
{
    co_await wakes.turn();
    co_return value;
}

Flow<int> turns(WakeList& wakes, int count)
{
    int sum = 0;
    for (int turn = 0; turn < count; ++turn) {
        sum += co_await after_a_turn(wakes, 1);
    }
    co_return sum;
}

Flow<int> failing(WakeList& wakes, bool waits)
{
    if (waits) {
        co_await wakes.turn();
    }
    throw std::runtime_error("it failed");
    co_return 0;
}

Flow<> store(Flow<int> flow, int& result)
{
    result = co_await std::move(flow);
}

Task<int> task_of(int value)
{
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    co_return value;
}

Flow<int> awaits_task(asio::any_io_executor executor)
{
    const int value = co_await squall::wire::TaskInFlow(executor, task_of(42));
    co_return value;
}

} // namespace

TEST_CASE("a flow")
{
    asio::io_context io{1};
    WakeList wakes(io.get_executor());
    int result = -1;
    int ended = 0;
    std::string failure;
    const auto start = [&](Flow<int> flow) {
        squall::wire::start(store(std::move(flow), result), [&](std::exception_ptr thrown) {
            ++ended;
            try {
                if (thrown) {
                    std::rethrow_exception(thrown);
                }
            } catch (const std::runtime_error& error) {
                failure = error.what();
            }
        });
    };

    SECTION("runs at once, and needs no stack for a million flows that do not wait")
    {
        start(sum_up_to(1'000'000));
        CHECK(ended == 1);
        CHECK(result == 500'000);
    }
    SECTION("goes on in a later turn where it waits")
    {
        start(turns(wakes, 1000));
        CHECK(ended == 0);
        io.run();
        CHECK(ended == 1);
        CHECK(result == 1000);
    }
    SECTION("gives its exception to whom awaits it, whether it waited or not")
    {
        start(failing(wakes, false));
        CHECK(failure == "it failed");
        failure.clear();
        start(failing(wakes, true));
        CHECK(failure.empty());
        io.run();
        CHECK(failure == "it failed");
        CHECK(ended == 2);
    }
    SECTION("awaits a task")
    {
        start(awaits_task(io.get_executor()));
        io.run();
        CHECK(result == 42);
    }
    SECTION("is awaited as a task")
    {
        squall::testing::run_task(io, squall::wire::as_task(store(turns(wakes, 3), result)));
        CHECK(result == 3);
        CHECK_THROWS_AS(squall::testing::run_task(io, squall::wire::as_task(store(failing(wakes, true), result))),
                        std::runtime_error);
    }
    SECTION("that shares a turn with others lets them go first")
    {
        int second = -1;
        start(turns(wakes, 3));
        squall::wire::start(store(turns(wakes, 1), second), [&](std::exception_ptr) { CHECK(result == -1); });
        io.run();
        CHECK(result == 3);
        CHECK(second == 1);
    }
}

TEST_CASE("the frame pool gives the memory of a size that was released last")
{
    void* const first = FramePool::allocate(200);
    void* const large = FramePool::allocate(100'000);
    FramePool::release(first, 200);
    FramePool::release(large, 100'000);
    void* const again = FramePool::allocate(193); // of the same class of sizes
    void* const other = FramePool::allocate(257);
    CHECK((again == first) == FramePool::recycles);
    CHECK(other != first);
    FramePool::release(again, 193);
    FramePool::release(other, 257);
}
