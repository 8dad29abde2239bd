// What the reference kit costs, as ratios in one run: `ci/run.sh bench-refkit` prints a table in Markdown.
//
// A cost is CPU time of the calling thread per operation. Each is measured beside its yardstick in turns (A B A B …);
// the ratio is the median of the pairs' ratios, so that what slows the machine down slows down both.
//
// Yardsticks, of the same thread and moment: a reading of the steady clock; an uncontended atomic read-modify-write
// (fetch_add, each on a cache line of its own); std::mutex locked and unlocked, uncontended; asio::post of a handler,
// or by a coroutine that awaits it, to the executor that hands on, and running it: each in a turn of the event loop for
// itself, which is mostly Asio's question to the system for events, and among 16 that are ready.
//
// Contention: one thread alone and 2 or 4 at once do the same on one object, in turns. Two ratios:
// - together: the operations of all per second of wall time, over those of the one. The target is of this, as
//   throughput is the object's: at least 0.9 means that threads which meet there get no less through than one would.
//   Where nothing is shared it is the number of cores, or of threads if they are fewer.
// - per thread: the CPU time of an operation alone over that among others; 1 means that others cost nothing. Not
//   judged, as what is one by definition cannot keep it among many: the instant of a rate, the order of the calls in a
//   ring.
//
// Allocations are calls of the global operator new on the calling thread in 10,000 operations after the first 1,000.
#include "bench/refkit_subjects.hpp"
#include "unit/refkit/allocations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <cstdio>
#include <ctime>

namespace squall::bench {
namespace {

constexpr int pairs = 21;
constexpr int batch = 40'000;

double cpu_seconds()
{
    timespec at{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

double median(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Does something so many times.
using Batch = std::function<void(int times)>;

/// Nanoseconds of CPU time per operation.
double cost(const Batch& work, int times = batch)
{
    const auto begun = cpu_seconds();
    work(times);
    return (cpu_seconds() - begun) * 1e9 / times;
}

struct Row {
    std::string what;
    std::string yardstick;
    double ours = 0;
    double theirs = 0;
    double ratio = 0;
    double target = 0;

    [[nodiscard]] bool met() const { return ratio <= target; }
};

/// `theirs`, times `times` of it, is the yardstick.
Row compare(std::string what, std::string yardstick, const Batch& ours, const Batch& theirs, int times = batch)
{
    (void)cost(ours, times);
    (void)cost(theirs, times);
    std::vector<double> our_costs;
    std::vector<double> their_costs;
    std::vector<double> ratios;
    for (int pair = 0; pair < pairs; ++pair) {
        our_costs.push_back(cost(ours, times));
        their_costs.push_back(cost(theirs, times));
        ratios.push_back(our_costs.back() / their_costs.back());
    }
    return {std::move(what), std::move(yardstick), median(our_costs), median(their_costs), median(ratios), 1};
}

struct Crew {
    double cost;       // mean nanoseconds of CPU time per operation
    double throughput; // operations of all per second of wall time
};

/// `threads` do it at once.
Crew work_at_once(const Batch& work, int threads, int times)
{
    using Wall = std::chrono::steady_clock;
    struct Member {
        double cost = 0;
        Wall::time_point begun;
        Wall::time_point ended;
    };
    std::barrier start(threads);
    std::vector<Member> members(static_cast<std::size_t>(threads));
    std::vector<std::jthread> crew;
    for (auto& own : members) {
        crew.emplace_back([&] {
            work(1000);
            start.arrive_and_wait();
            own.begun = Wall::now();
            own.cost = cost(work, times);
            own.ended = Wall::now();
        });
    }
    crew.clear();
    auto begun = Wall::time_point::max();
    auto ended = Wall::time_point::min();
    double sum = 0;
    for (const auto& own : members) {
        sum += own.cost;
        begun = std::min(begun, own.begun);
        ended = std::max(ended, own.ended);
    }
    return {sum / threads, threads * times / std::chrono::duration<double>(ended - begun).count()};
}

struct Contention {
    std::string what;
    int threads = 0;
    double alone = 0; // nanoseconds of CPU time per operation
    double among = 0;
    double per_thread = 0;
    double together = 0;
};

Contention contend(std::string what, const Batch& work, int threads)
{
    constexpr int rounds = 9;
    constexpr int times = 200'000;
    std::vector<double> alone;
    std::vector<double> among;
    std::vector<double> per_thread;
    std::vector<double> together;
    for (int round = 0; round < rounds; ++round) {
        const auto one = work_at_once(work, 1, times);
        const auto all = work_at_once(work, threads, times);
        alone.push_back(one.cost);
        among.push_back(all.cost);
        per_thread.push_back(one.cost / all.cost);
        together.push_back(all.throughput / one.throughput);
    }
    return {std::move(what), threads, median(alone), median(among), median(per_thread), median(together)};
}

void print(const std::vector<Contention>& rows)
{
    constexpr double target = 0.9;
    fmt::print("\n| on {} cores | threads | ns alone | ns | per thread | together | target | |\n"
               "|---|---:|---:|---:|---:|---:|---|---|\n",
               std::thread::hardware_concurrency());
    for (const auto& row : rows) {
        fmt::print("| {} | {} | {:.1f} | {:.1f} | {:.2f} | **{:.2f}** | ≥ {:.1f} | {} |\n", row.what, row.threads,
                   row.alone, row.among, row.per_thread, row.together, target,
                   row.together >= target ? "met" : "missed");
    }
    std::fflush(stdout);
}

void print(const std::vector<Row>& rows)
{
    fmt::print("\n| what | ns | yardstick | ns | ratio | target | |\n|---|---:|---|---:|---:|---|---|\n");
    for (const auto& row : rows) {
        fmt::print("| {} | {:.1f} | {} | {:.1f} | **{:.2f}** | ≤ {:.1f} | {} |\n", row.what, row.ours, row.yardstick,
                   row.theirs, row.ratio, row.target, row.met() ? "met" : "missed");
    }
    std::fflush(stdout);
}

void print_allocations(const std::string& what, const Batch& work)
{
    work(1000);
    const auto before = refkit::allocations_of_this_thread();
    work(10'000);
    const auto count = refkit::allocations_of_this_thread() - before;
    fmt::print("| {} | {} | 0 | {} |\n", what, count, count == 0 ? "met" : "missed");
}

struct Fast {
    std::string what;
    Batch work;
    std::string yardstick;
    Batch theirs;
};

void run()
{
    Yardsticks yardsticks;
    Guards guards;
    FreePlaces free;
    HandOffs alone(1);
    HandOffs busy(16);
    const auto work_of = [](auto& of, auto member) { return [&of, member](int times) { (of.*member)(times); }; };
    const auto check = work_of(yardsticks, &Yardsticks::limiter_check);
    const auto call = work_of(yardsticks, &Yardsticks::breaker_call);
    const std::vector<Fast> fast = {
        {"rate: admitted or refused", work_of(guards, &Guards::ask_rate), "now() + 3 RMW", check},
        {"concurrency: try_acquire, on_success", work_of(free, &FreePlaces::try_limiter), "2 now() + 6 RMW", call},
        {"memory pressure: admitted", work_of(guards, &Guards::ask_shedder), "now() + 3 RMW", check},
        {"breaker, failures in a row: call", work_of(guards, &Guards::call_counting), "2 now() + 6 RMW", call},
        {"breaker, last 100 calls: call", work_of(guards, &Guards::call_ring), "2 now() + 6 RMW", call},
        {"breaker, last 60 s: call", work_of(guards, &Guards::call_seconds), "2 now() + 6 RMW", call},
        {"breaker, open: refused", work_of(guards, &Guards::call_open), "now() + 3 RMW", check},
        {"pool: try_acquire, release", work_of(free, &FreePlaces::try_pool), "5 × mutex",
         work_of(yardsticks, &Yardsticks::mutexes)},
    };
    std::vector<Row> costs;
    for (const auto& each : fast) {
        costs.push_back(compare(each.what, each.yardstick, each.work, each.theirs));
    }
    for (auto* hand_offs : {&alone, &busy}) {
        const std::string where = hand_offs == &alone ? "alone in its turn" : "among 16 in a turn";
        const auto posts = work_of(*hand_offs, &HandOffs::post_handlers);
        const auto resumptions = work_of(*hand_offs, &HandOffs::post_coroutines);
        costs.push_back(compare("pool: queued hand-off to a handler, " + where, "2 × asio::post",
                                work_of(*hand_offs, &HandOffs::pool_to_handlers), posts));
        costs.push_back(compare("pool: queued hand-off to a coroutine, " + where, "2 × co_await asio::post",
                                work_of(*hand_offs, &HandOffs::pool_to_coroutines), resumptions));
        costs.push_back(compare("concurrency: queued hand-off to a coroutine, " + where, "2 × co_await asio::post",
                                work_of(*hand_offs, &HandOffs::limiter_to_coroutines), resumptions));
    }
    print(costs);

    std::vector<Contention> contended;
    const std::vector<Fast> shared = {
        {"rate, most are refused", work_of(guards, &Guards::ask_slow_rate), "", {}},
        {"rate, all are admitted", work_of(guards, &Guards::ask_wide_rate), "", {}},
        fast[2],
        fast[3],
        fast[4],
        fast[5],
        {"breaker, last 100 calls: one in 50 fails", work_of(guards, &Guards::call_ring_failing), "", {}},
        {"breaker, last 60 s: one in 50 fails", work_of(guards, &Guards::call_seconds_failing), "", {}},
        fast[6],
    };
    for (const auto& each : shared) {
        contended.push_back(contend(each.what, each.work, 2));
        contended.push_back(contend(each.what, each.work, 4));
    }
    print(contended);

    fmt::print("\n| fast path | allocations | target | |\n|---|---:|---|---|\n");
    for (const auto& each : fast) {
        print_allocations(each.what, each.work);
    }
}

} // namespace
} // namespace squall::bench

int main()
{
    squall::bench::run();
}
