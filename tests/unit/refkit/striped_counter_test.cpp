#include "refkit/striped_counter.hpp"

#include "catch.hpp"

#include <algorithm>
#include <barrier>
#include <set>
#include <thread>

namespace squall::refkit {
namespace {

/// The numbers that so many threads have while all of them live.
std::vector<std::uint32_t> numbers_of(std::size_t threads)
{
    std::vector<std::uint32_t> numbers(threads);
    std::barrier all_have_theirs(static_cast<std::ptrdiff_t>(threads));
    std::vector<std::jthread> crew;
    for (auto& number : numbers) {
        crew.emplace_back([&] {
            number = ThreadNumber::of_this_thread();
            all_have_theirs.arrive_and_wait();
        });
    }
    crew.clear();
    return numbers;
}

/// Counts when its thread has ended otherwise.
struct LastWord {
    StripedCounters<1>* counters = nullptr;
    std::uint32_t number = 0;
    std::atomic<bool>* under_its_number = nullptr;
    ~LastWord()
    {
        *under_its_number = ThreadNumber::of_this_thread() == number;
        counters->count(0);
    }
};

} // namespace

TEST_CASE("striped counters miss nothing that threads count, in stripes of their own or in shared ones")
{
    constexpr int threads = 8;
    constexpr int times = 2'000'000;
    for (const std::size_t owned : {0U, 3U, 64U}) {
        StripedCounters<2> counters(owned);
        std::barrier start(threads);
        std::vector<std::jthread> crew;
        for (int thread = 0; thread < threads; ++thread) {
            crew.emplace_back([&] {
                start.arrive_and_wait();
                for (int i = 0; i < times; ++i) {
                    counters.count(0);
                    if (i % 4 == 0) {
                        counters.count(1);
                    }
                }
            });
        }
        crew.clear();
        INFO("owned stripes: " << owned);
        CHECK(counters.value(0) == threads * times);
        CHECK(counters.value(1) == threads * times / 4);
    }
}

TEST_CASE("a sum of striped counters never falls while threads count")
{
    StripedCounters<1> counters;
    std::atomic<bool> done{false};
    std::jthread counting([&] {
        for (int i = 0; i < 300'000; ++i) {
            counters.count(0);
        }
        done = true;
    });
    int fell = 0;
    for (std::uint64_t before = 0; !done;) {
        const auto now = counters.value(0);
        fell += now < before ? 1 : 0;
        before = now;
    }
    CHECK(fell == 0);
}

TEST_CASE("threads that live at once share no number below the owned ones")
{
    auto numbers = numbers_of(100);
    numbers.push_back(ThreadNumber::of_this_thread());
    const auto owned = [](std::uint32_t number) { return number < ThreadNumber::owned; };
    const auto count = static_cast<std::size_t>(std::count_if(numbers.begin(), numbers.end(), owned));
    std::set<std::uint32_t> different;
    std::copy_if(numbers.begin(), numbers.end(), std::inserter(different, different.end()), owned);
    CHECK(different.size() == count);
    CHECK(count > 50); // other threads of this program may have some
    CHECK(count < numbers.size());
}

TEST_CASE("a thread's number goes to another when it has ended, with all that it counted")
{
    const auto number = numbers_of(1).front();
    StripedCounters<1> counters;
    for (int i = 0; i < 500; ++i) {
        std::jthread([&] { counters.count(0); }).join();
    }
    CHECK(counters.value(0) == 500);
    CHECK(numbers_of(1).front() == number);
}

TEST_CASE("what a thread counts while it ends is counted, and not under a number that is another's by then")
{
    StripedCounters<1> counters;
    std::atomic<bool> under_its_number{true};
    std::jthread([&] {
        thread_local LastWord last; // made before the number, so that it goes after it
        last.counters = &counters;
        last.under_its_number = &under_its_number;
        last.number = ThreadNumber::of_this_thread();
    }).join();
    CHECK(counters.value(0) == 1);
    CHECK_FALSE(under_its_number);
}

} // namespace squall::refkit
