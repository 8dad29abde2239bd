// What a scenario sets of the reference kit is what the target lives by.
#include "every_target_setting.hpp"
#include "scenario/target_settings.hpp"
#include "support.hpp"

using namespace squall;
using namespace squall::scenario;
using namespace squall::scenario::testing;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

/// What squall-target makes of the settings that squall gives it.
TargetSettings passed_on(const TargetSpec& spec)
{
    const auto read = read_target_settings("", "", spec.settings);
    INFO((read ? "" : read.error().message));
    REQUIRE(read.has_value());
    return *read;
}

TargetSettings of_stack(const std::string& text)
{
    const auto scenario = parsed(text + one_user);
    REQUIRE(scenario.stack.target.has_value());
    return passed_on(*scenario.stack.target);
}

std::string refusal_of(const std::vector<std::string>& overrides)
{
    const auto read = read_target_settings("", "", overrides);
    return read ? "" : read.error().message;
}

} // namespace

TEST_CASE("every setting reaches the target")
{
    const auto documents = every_target_settings();
    const auto first = of_stack(documents[0]);
    const auto& pool = first.tiers.analytics.value();
    CHECK(pool.min_idle == 1);
    CHECK(pool.max_lifetime == Duration(30min));
    CHECK(pool.max_usage == 1000U);
    CHECK(pool.keepalive == Duration(3s));
    CHECK(pool.leak_detection_threshold == Duration(4s));
    CHECK(pool.reset_on_return == refkit::ResetOnReturn::custom);
    CHECK(pool.custom_reset == "DISCARD \"ALL\"");
    CHECK(pool.statement_timeout == Duration(8s));
    CHECK(pool.fairness == refkit::Fairness::barging);
    CHECK(pool.connect_limit == 3U);
    CHECK(pool.max_waiters == 4U);
    CHECK(pool.backoff_longest == 12s);
    CHECK(first.redis_pool.max == 20);
    CHECK(std::get<refkit::ConsecutiveFailures>(first.breaker.redis.value().rule).count == 5);
    CHECK(first.breaker.postgres.value().open_wait_jitter == Ratio::of(0.2));
    CHECK(std::get<refkit::FixedParams>(first.concurrency_limit.value().limit).limit == 80);
    CHECK(first.concurrency_limit.value().queue.codel.value().interval == 100ms);
    CHECK(std::get<ByteCount>(first.shedder.value().memory).bytes == 400U << 20U);
    CHECK(first.shedder.value().pressure.resume_at == Ratio::of(0.8));
    CHECK(first.rate_limit.value().rate.burst == 2);
    CHECK(first.rooms.max_age == Duration(1h));
    CHECK(first.cache.value().jitter == Ratio::of(0.1));

    const auto second = of_stack(documents[1]);
    const auto& by_calls = std::get<refkit::Rates>(second.breaker.postgres.value().rule);
    CHECK(std::get<refkit::LastCalls>(by_calls.window).calls == 100);
    CHECK(by_calls.slow_call_rate == Ratio::of(0.5));
    CHECK(std::get<refkit::AimdParams>(second.concurrency_limit.value().limit).window.samples == 5);
    CHECK(std::get<std::string>(second.shedder.value().memory) == "/sys/fs/cgroup/x");

    const auto third = of_stack(documents[2]);
    const auto& by_time = std::get<refkit::Rates>(third.breaker.postgres.value().rule);
    CHECK(std::get<refkit::LastSeconds>(by_time.window).span == 60s);
    CHECK(std::get<refkit::GradientParams>(third.concurrency_limit.value().limit).tolerance == 1.5);
}

TEST_CASE("what a profile and --set change reaches the target, and nothing that was not written does")
{
    const std::string text = "[stack]\npostgres = {}\ntarget = { pool = { max = 5 } }\n" + one_user +
                             "[profile.after]\nstack.target.pool.max_lifetime = \"off\"\n";
    auto options = with_profile("after");
    options.overrides = {"stack.target.pool.min=2"};
    const auto target = parsed(text, options).stack.target.value();
    CHECK(target.settings == Lines{"pool.max=5", "pool.max_lifetime=\"off\"", "pool.min=2"});
    const auto settings = passed_on(target);
    CHECK(settings.pool.max == 5);
    CHECK(settings.pool.min_idle == 2);
    CHECK_FALSE(settings.pool.max_lifetime.has_value());
    CHECK_FALSE(settings.breaker.postgres.has_value());
    CHECK_FALSE(settings.rate_limit.has_value());
    CHECK(settings.redis_pool.idle_timeout == 2s);
}

TEST_CASE("an empty table of settings turns a guard on with its defaults")
{
    const auto target =
        parsed("[stack]\npostgres = {}\ntarget = { rate_limit = {}, cache = {} }\n" + one_user).stack.target.value();
    const auto settings = passed_on(target);
    CHECK(settings.rate_limit.has_value());
    CHECK(settings.cache.has_value());
}

TEST_CASE("settings that make no sense are told with their place")
{
    const auto wrong = [](const std::string& target) {
        const auto found = problems("[stack]\npostgres = {}\ntarget = { " + target + " }\n" + one_user);
        REQUIRE(found.size() == 1);
        return found[0];
    };
    CHECK_THAT(wrong("pool = { min = 5, max = 3 }"), Contains("s.toml:3:") && Contains("stack.target.pool: min_idle"));
    CHECK_THAT(wrong("pool = { acquire_timeout = \"0s\" }"), Contains("stack.target.pool.acquire_timeout"));
    CHECK_THAT(wrong("pool = { max = 3 }, tiers = { auth = { min = 2 }, read = { min = 2 } }"),
               Contains("add up to 4, more than max, which is 3"));
    CHECK_THAT(wrong("pool = { max_life = \"1s\" }"), Contains("did you mean \"max_lifetime\"?"));
    CHECK_THAT(wrong("breaker = { postgres = { failure_rate = 0.5 } }"), Contains("consecutive_failures"));
    CHECK_THAT(wrong("breaker = { postgres = { consecutive_failures = 5, last_calls = 9 } }"), Contains("last_calls"));
    CHECK_THAT(wrong("breaker = { postgres = { last_calls = 9, failure_rate = \"150%\" } }"),
               Contains("stack.target.breaker.postgres.failure_rate: \"150%\" is not a share"));
    CHECK_THAT(wrong("rate_limit = { calls = -1 }"), Contains("stack.target.rate_limit.calls: -1 is out of range"));
    CHECK_THAT(wrong("concurrency_limit = { aimd = { min = 9, max = 3 } }"), Contains("min is 9, but max only 3"));
    CHECK_THAT(wrong("shedder = { memory_limit = \"400MiB\", shed_at = 0.5 }"), Contains("stack.target.shedder"));
    CHECK_THAT(wrong("rooms = { ping_after = \"2s\", drop_after = \"1s\" }"), Contains("stack.target.rooms"));
    CHECK_THAT(wrong("cache = { max_entries = 0 }"), Contains("stack.target.cache.max_entries"));
}

TEST_CASE("the target reads a file of settings, and --set goes over it")
{
    const auto read =
        read_target_settings("pool.max = 7\n[breaker.redis]\nconsecutive_failures = 3\n", "kit.toml", {"pool.max=8"});
    REQUIRE(read.has_value());
    CHECK(read->pool.max == 8);
    CHECK(read->breaker.redis.has_value());
    CHECK_THAT(read_target_settings("pool.max = 0\n", "kit.toml", {}).error().message, Contains("kit.toml:1:"));
    CHECK_THAT(read_target_settings("pool.max = \n", "kit.toml", {}).error().message, Contains("not valid TOML"));
    CHECK_THAT(refusal_of({"pool.max=0", "pol.min=1"}), Contains("pool.max") && Contains("did you mean \"pool\"?"));
    CHECK_THAT(refusal_of({"port=1"}), Contains("port"));
}
