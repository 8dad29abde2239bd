// A pool of PostgreSQL connections in a burst of fifty callers: refkit-pool postgresql://…
#include "refkit/pool/postgres_adapter.hpp"

#include <boost/asio.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace squall;
using namespace std::chrono_literals;

namespace {

void rethrow(const std::exception_ptr& thrown)
{
    if (thrown) {
        std::rethrow_exception(thrown);
    }
}

/// What a request handler does: borrow, ask, and give back at the end of the scope.
Task<bool> handle_request(refkit::PostgresPool& pool)
{
    auto loan = co_await pool.acquire(); // by the pool's acquire_timeout
    if (!loan) {
        std::printf("no connection: %s (%s)\n", loan.error().code.message().c_str(),
                    loan.error().last_connect_error.c_str());
        co_return false;
    }
    std::string question = "SELECT pg_sleep($1::float8)";
    std::vector<std::string> parameters{"0.002"};
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    auto& connection = **loan;
    const auto rows = co_await connection.query(std::move(question), std::move(parameters), deadline);
    co_return rows.has_value();
}

Task<int> burst(refkit::PostgresPool& pool, int callers)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer all_back(executor, asio::steady_timer::time_point::max());
    int answered = 0;
    int under_way = callers;
    for (int caller = 0; caller < callers; ++caller) {
        asio::co_spawn(executor, handle_request(pool), [&](const std::exception_ptr& thrown, bool good) {
            answered += !thrown && good ? 1 : 0;
            if (--under_way == 0) {
                all_back.cancel();
            }
        });
    }
    co_await all_back.async_wait(use_result);
    co_return answered;
}

Task<void> day(refkit::PostgresPool& pool, bool& good)
{
    const int answered = co_await burst(pool, 50);
    const auto stats = pool.stats();
    std::printf("%d of 50 answered over %llu connections; %llu callers had to wait\n", answered,
                static_cast<unsigned long long>(stats.dials),
                static_cast<unsigned long long>(stats.empty_acquire_count));
    const bool drained = co_await pool.drain(2s);
    std::printf("drained %s: %zu connections left\n", drained ? "in time" : "by force", pool.stats().total);
    good = answered == 50 && drained && stats.dials <= pool.params().max;
}

} // namespace

int main(int count, char** words)
{
    if (count != 2) {
        std::fprintf(stderr, "usage: refkit-pool postgresql://user@host/database\n");
        return 1;
    }
    asio::io_context context(1);
    refkit::PoolParams params;
    params.max = 8;
    params.acquire_timeout = 5s;
    refkit::PostgresPool pool(context.get_executor(), {.conninfo = words[1]}, params, Random(std::random_device{}()));

    bool good = false;
    asio::co_spawn(context, pool.run(), rethrow); // until it is drained
    asio::co_spawn(context, day(pool, good), rethrow);
    context.run();
    return good ? 0 : 1;
}
