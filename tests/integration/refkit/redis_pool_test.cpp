// The pool over a real Redis: how connections come back, and what it does about servers that fail it.
#include "refkit/pool/redis_adapter.hpp"

#include "catch.hpp"
#include "integration/refkit/broken_off.hpp"
#include "integration/refkit/in_a_fork.hpp"
#include "integration/servers.hpp"
#include "run_task.hpp"

#include <cstdlib>

using namespace squall;
using namespace squall::refkit;
using namespace squall::testing;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::string>;
using wire::RedisReply;

RedisServer& server()
{
    static RedisServer shared;
    return shared;
}

/// A pool that runs until the test ends.
struct Fixture {
    explicit Fixture(PoolParams params = {}, const std::string& url = server().url())
        : pool(io.get_executor(), RedisAdapter{url, "kit"}, std::move(params), Random(1))
    {
        pool.async_run([this](error_code) { ended = true; });
    }
    ~Fixture()
    {
        run_task(io, pool.drain(10s));
        CHECK(run_until(io, [this] { return ended; }));
        CHECK(pool.stats().total == 0);
    }

    RedisPool::Loan take()
    {
        auto got = run_task(io, pool.acquire());
        REQUIRE(got.has_value());
        return std::move(*got);
    }
    RedisReply ask(RedisPool::Loan& loan, Words words)
    {
        auto reply = run_task(io, loan->command(std::move(words), in(10s)));
        REQUIRE(reply.has_value());
        return std::move(*reply);
    }
    std::int64_t session(RedisPool::Loan& loan) { return ask(loan, {"CLIENT", "ID"}).integer; }
    /// Each question has its own answer, and no other's.
    void check_answers(RedisPool::Loan& loan)
    {
        for (int question = 0; question < 50; ++question) {
            REQUIRE(ask(loan, {"ECHO", std::to_string(question)}).text == std::to_string(question));
        }
    }

    asio::io_context io;
    RedisPool pool;
    bool ended = false;
};

PoolParams one()
{
    PoolParams params;
    params.max = 1;
    return params;
}

/// Of the sessions that the pool opened, by the server's own list.
std::size_t sessions(Fixture& watcher)
{
    auto loan = watcher.take();
    const auto list = watcher.ask(loan, {"CLIENT", "LIST"}).text;
    std::size_t count = 0;
    for (auto at = list.find("name=soak "); at != std::string::npos; at = list.find("name=soak ", at + 1)) {
        ++count;
    }
    return count;
}

} // namespace

TEST_CASE("bug 14: what a user leaves in a Redis session is taken back before anybody gets it")
{
    Fixture test(one());
    auto loan = test.take();
    const auto session = test.session(loan);
    SECTION("an open transaction")
    {
        test.ask(loan, {"MULTI"});
        test.ask(loan, {"SET", "left", "behind"});
    }
    SECTION("a watched key")
    {
        test.ask(loan, {"WATCH", "left"});
    }
    SECTION("another database")
    {
        test.ask(loan, {"SELECT", "3"});
    }
    loan.give_back();
    auto next = test.take();
    CHECK(test.pool.stats().resets == 1);
    CHECK(test.session(next) == session);
    const auto told = test.ask(next, {"CLIENT", "INFO"}).text;
    CHECK(told.find(" db=0 ") != std::string::npos);
    CHECK(told.find(" name=kit ") != std::string::npos);
    CHECK(told.find(" multi=-1 ") != std::string::npos);
    CHECK(test.ask(next, {"EXISTS", "left"}).integer == 0);
    test.check_answers(next);
}

TEST_CASE("bug 7: a Redis connection whose next reply may be another's is never lent again")
{
    Fixture test(one());
    auto loan = test.take();
    const auto session = test.session(loan);
    SECTION("it has subscribed")
    {
        test.ask(loan, {"SUBSCRIBE", "news"});
    }
    SECTION("a command was given up")
    {
        CHECK(run_task(test.io, loan->command({"BLPOP", "nothing", "30"}, in(20ms))).has_error());
    }
    SECTION("a caller was cancelled in the middle of its command")
    {
        asio::cancellation_signal signal;
        bool ended = false;
        asio::co_spawn(test.io, loan->command({"BLPOP", "nothing", "30"}, in(10s)),
                       asio::bind_cancellation_slot(
                           signal.slot(), [&ended](const std::exception_ptr&, const auto&) { ended = true; }));
        test.io.restart();
        test.io.run_for(20ms);
        REQUIRE_FALSE(ended);
        signal.emit(asio::cancellation_type::terminal);
        REQUIRE(run_until(test.io, [&ended] { return ended; }));
    }
    loan.give_back();
    auto next = test.take();
    CHECK(test.session(next) != session);
    test.check_answers(next);
}

TEST_CASE("Redis sessions that an administrator ends are replaced")
{
    auto params = one();
    params.max = 2;
    params.validate_after = 0ns; // asked before every use
    Fixture test(params);
    auto killer = test.take();
    auto victim = test.take();
    const auto session = test.session(victim);
    victim.give_back();
    CHECK(test.ask(killer, {"CLIENT", "KILL", "ID", std::to_string(session)}).integer == 1);
    auto next = test.take();
    CHECK(test.session(next) != session);
    test.check_answers(next);
}

TEST_CASE("a Redis that accepts and never answers holds nobody up for longer than the deadlines say")
{
    const SilentServer silent;
    auto params = one();
    params.connect_timeout = 200ms;
    params.acquire_timeout = 300ms;
    Fixture test(params, fmt::format("redis://127.0.0.1:{}", silent.port()));
    // The greeting is what is not answered.
    const auto begun = std::chrono::steady_clock::now();
    const auto got = run_task(test.io, test.pool.acquire());
    REQUIRE(got.has_error());
    CHECK(got.error().code == make_error_code(Errc::acquire_timeout));
    CHECK(got.error().last_connect_error.find("no answer in time") != std::string::npos);
    CHECK(std::chrono::steady_clock::now() - begun < 5s);
}

TEST_CASE("bug 20: Redis connections closed while their replies are awaited end those who wait, and nothing else")
{
    auto params = one();
    params.max = 4;
    auto test = std::make_unique<Fixture>(params);
    std::vector<RedisPool::Loan> loans;
    int failed = 0;
    for (int user = 0; user < 4; ++user) {
        loans.push_back(test->take());
        asio::co_spawn(test->io, loans.back()->command({"BLPOP", "nothing", "30"}, in(20s)),
                       [&failed](const std::exception_ptr& thrown, const auto& reply) {
                           failed += thrown == nullptr && reply.has_error() ? 1 : 0;
                       });
    }
    SECTION("by a drain whose time is up")
    {
        CHECK_FALSE(run_task(test->io, test->pool.drain(50ms)));
    }
    SECTION("by their users")
    {
        test->io.restart();
        test->io.run_for(20ms);
        for (auto& loan : loans) {
            loan->close();
        }
    }
    CHECK(run_until(test->io, [&failed] { return failed == 4; }));
    loans.clear();
}

TEST_CASE("bug 16: a fork of the process leaves Redis connections to its parent, and opens its own")
{
    auto params = one();
    params.max = 2;
    Fixture test(params);
    auto held = test.take();
    const auto session = test.session(held);
    CHECK(holds_in_a_fork(test.io, [&] {
        auto own = run_task(test.io, test.pool.acquire());
        const auto id = own ? run_task(test.io, (*own)->command({"CLIENT", "ID"}, in(10s))) : fail("none");
        const bool inherited_is_dead = run_task(test.io, held->command({"PING"}, in(10s))).has_error();
        held.give_back();
        return id && id->integer > session && inherited_is_dead;
    }));
    test.check_answers(held);
    CHECK(test.session(held) == session);
}

namespace {

struct Counts {
    int left = 0; // acquisitions still to be tried
    int callers = 0;
    int served = 0;
    int cancelled = 0;
    int wrong_answers = 0;
    int in_transaction = 0; // when they were lent
};

Task<void> use_once(RedisPool* pool, Random* random, Counts* counts)
{
    auto asking = pool->acquire();
    auto loan = co_await std::move(asking);
    if (!loan) {
        co_return;
    }
    ++counts->served;
    const auto number = std::to_string(random->between(0, 1'000'000));
    const auto kind = random->uniform();
    Words words{"ECHO", number};
    if (kind < 0.2) {
        words.assign(1, "MULTI"); // left open
    } else if (kind < 0.4) {
        words = {"BLPOP", "nothing", "0.003"};
    }
    const Duration patience = random->uniform() < 0.1 ? Duration(1ms) : Duration(10s);
    auto command = (*loan)->command(words, std::chrono::steady_clock::now() + patience);
    const auto reply = co_await std::move(command);
    if (reply && words.front() == "ECHO") {
        counts->in_transaction += reply->text == "QUEUED" ? 1 : 0;
        counts->wrong_answers += reply->text == number ? 0 : 1;
    }
    if (reply && words.front() == "MULTI") {
        counts->in_transaction += reply->type == RedisReply::Type::error ? 1 : 0;
    }
}

Task<void> live(RedisPool* pool, Random random, Counts* counts)
{
    while (counts->left > 0) {
        --counts->left;
        auto round = perhaps_broken_off(use_once(pool, &random, counts), &random, 2ms);
        const bool broken_off = co_await std::move(round);
        counts->cancelled += broken_off ? 1 : 0;
    }
    --counts->callers;
}

} // namespace

TEST_CASE("callers that break off anywhere lose no Redis connection, and get nobody else's reply")
{
    const char* wanted = std::getenv("SQUALL_ACQUISITIONS");
    const char* seed = std::getenv("SQUALL_TEST_SEED");
    const Random random(seed != nullptr ? std::stoull(seed) : 1);
    auto params = one();
    params.max = 6;
    params.max_usage = 200;
    Fixture watcher(one());
    asio::io_context io;
    RedisPool pool(io.get_executor(), RedisAdapter{server().url(), "soak"}, params, random);
    pool.async_run([](error_code) {});
    Counts counts{.left = wanted != nullptr ? std::stoi(wanted) : 10'000, .callers = 16};
    for (int caller = 0; caller < 16; ++caller) {
        asio::co_spawn(io, live(&pool, random.stream("caller", static_cast<std::uint64_t>(caller)), &counts),
                       [](const std::exception_ptr& thrown) { REQUIRE(thrown == nullptr); });
    }
    while (counts.callers > 0) {
        REQUIRE(io.run_one_for(30s) == 1);
        REQUIRE(pool.stats().total <= params.max);
    }
    CHECK(run_until(io, [&pool] { return pool.stats().idle == pool.stats().total; }));
    const auto stats = pool.stats();
    fmt::print("{} served, {} cancelled, {} reset ({} failed), {} dials; {} open, {} on the server\n", counts.served,
               counts.cancelled, stats.resets, stats.failed_resets, stats.dials, stats.total, sessions(watcher));
    CHECK(counts.cancelled > 0);
    CHECK(counts.wrong_answers == 0);
    CHECK(counts.in_transaction == 0);
    CHECK(stats.resets > 0);
    CHECK(stats.acquired == 0);
    CHECK(stats.waiters == 0);
    CHECK(sessions(watcher) == stats.total);
    CHECK(run_task(io, pool.drain(10s)));
    for (int look = 0; look < 500 && sessions(watcher) > 0; ++look) {
        poll(nullptr, 0, 10);
    }
    CHECK(sessions(watcher) == 0);
}
