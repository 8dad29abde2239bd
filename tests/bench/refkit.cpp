// What the reference kit costs, as ratios in one run: `ci/run.sh bench-refkit` prints a table in Markdown.
//
// A cost is CPU time of the calling thread per operation. Each is measured beside its yardstick in turns (A B A B …);
// the ratio is the median of the pairs' ratios, so that what slows the machine down slows down both.
//
// Yardsticks, of the same thread and moment: a reading of the steady clock; an uncontended atomic read-modify-write
// (fetch_add, each on a cache line of its own); std::mutex locked and unlocked, uncontended; asio::post of an empty
// handler to an io_context of one thread, and running it. That context polls its reactor in every turn, as does that of
// the queues: each has a timer. 32 at a time share one
// turn, as where the event loop is busy.
//
// Contention: 1, 2 and 4 threads do the same on one object. Per-thread throughput is operations over the thread's own
// CPU time, not over the wall's, as there may be fewer cores than threads: the ratio is the CPU time of an operation
// alone over that among others, and 1 means that others cost nothing.
//
// Allocations are calls of the global operator new on the calling thread in 10,000 operations after the first 1,000.
#include "bench/refkit_subjects.hpp"
#include "unit/refkit/allocations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <barrier>
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
    bool at_least = false;

    [[nodiscard]] bool met() const { return at_least ? ratio >= target : ratio <= target; }
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
    return {std::move(what), std::move(yardstick), median(our_costs), median(their_costs), median(ratios), 1, false};
}

/// Mean nanoseconds of CPU time per operation when `threads` do it at once.
double cost_among(const Batch& work, int threads, int times)
{
    std::barrier start(threads);
    std::vector<double> costs(static_cast<std::size_t>(threads));
    std::vector<std::jthread> crew;
    for (auto& own : costs) {
        crew.emplace_back([&] {
            work(1000);
            start.arrive_and_wait();
            own = cost(work, times);
        });
    }
    crew.clear();
    double sum = 0;
    for (const auto own : costs) {
        sum += own;
    }
    return sum / threads;
}

Row contend(const std::string& what, const Batch& work, int threads)
{
    constexpr int rounds = 9;
    constexpr int times = 200'000;
    std::vector<double> alone;
    std::vector<double> among;
    std::vector<double> ratios;
    for (int round = 0; round < rounds; ++round) {
        alone.push_back(cost_among(work, 1, times));
        among.push_back(cost_among(work, threads, times));
        ratios.push_back(alone.back() / among.back());
    }
    return {fmt::format("{}, {} threads", what, threads),
            "1 thread",
            median(among),
            median(alone),
            median(ratios),
            0.9,
            true};
}

void print(const std::vector<Row>& rows)
{
    fmt::print("\n| what | ns | yardstick | ns | ratio | target | |\n|---|---:|---|---:|---:|---|---|\n");
    for (const auto& row : rows) {
        fmt::print("| {} | {:.1f} | {} | {:.1f} | **{:.2f}** | {} {:.1f} | {} |\n", row.what, row.ours, row.yardstick,
                   row.theirs, row.ratio, row.at_least ? "≥" : "≤", row.target, row.met() ? "met" : "missed");
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
    Queues queues;
    const auto work_of = [](auto& of, auto member) { return [&of, member](int times) { (of.*member)(times); }; };
    const auto check = work_of(yardsticks, &Yardsticks::limiter_check);
    const auto call = work_of(yardsticks, &Yardsticks::breaker_call);
    const std::vector<Fast> fast = {
        {"rate: admitted or refused", work_of(guards, &Guards::ask_rate), "now() + 3 RMW", check},
        {"concurrency: try_acquire, on_success", work_of(queues, &Queues::try_limiter), "2 now() + 6 RMW", call},
        {"memory pressure: admitted", work_of(guards, &Guards::ask_shedder), "now() + 3 RMW", check},
        {"breaker, failures in a row: call", work_of(guards, &Guards::call_counting), "2 now() + 6 RMW", call},
        {"breaker, last 100 calls: call", work_of(guards, &Guards::call_ring), "2 now() + 6 RMW", call},
        {"breaker, last 60 s: call", work_of(guards, &Guards::call_seconds), "2 now() + 6 RMW", call},
        {"breaker, open: refused", work_of(guards, &Guards::call_open), "now() + 3 RMW", check},
        {"pool: try_acquire, release", work_of(queues, &Queues::try_pool), "5 × mutex",
         work_of(yardsticks, &Yardsticks::mutexes)},
    };
    std::vector<Row> costs;
    for (const auto& each : fast) {
        costs.push_back(compare(each.what, each.yardstick, each.work, each.theirs));
    }
    const auto posts = work_of(yardsticks, &Yardsticks::posts);
    costs.push_back(compare("pool: queued hand-off", "2 × asio::post", work_of(queues, &Queues::hand_on_pool), posts));
    costs.push_back(
        compare("concurrency: queued hand-off", "2 × asio::post", work_of(queues, &Queues::hand_on_limiter), posts));
    costs.push_back(compare("concurrency: queued hand-off, 32 at a time", "2 × asio::post, 32 at a time",
                            work_of(queues, &Queues::hand_on_crowd), work_of(yardsticks, &Yardsticks::posts_in_crowd)));
    print(costs);

    std::vector<Row> contended;
    const std::vector<Fast> shared = {
        {"rate, most are refused", work_of(guards, &Guards::ask_slow_rate), "", {}},
        {"rate, all are admitted", work_of(guards, &Guards::ask_wide_rate), "", {}},
        fast[2],
        fast[3],
        fast[4],
        fast[5],
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
