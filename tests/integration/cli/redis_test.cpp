// The claim: a scenario speaks to Redis in every way that the manual names, each error is counted as its kind, and what
// is expected and saved is what the server said.
#include "squall_process.hpp"
#include "steps.hpp"

#include "catch.hpp"
#include "result/result_file.hpp"

#include <algorithm>

using namespace squall;
using namespace squall::cli::test;

namespace {

constexpr const char* scenario = R"(duration = "2s"
primer = "0s"
quiesce = "0s"
[stack]
redis = {}
[[setup]]
redis = "SET copy text"
[[user]]
name = "all"
arrival = { closed = 3 }
think = "20ms"
  [[user.step]]
  name = "set"
  redis = "SET user:${seq} 'a b'"
  expect = { reply = "OK" }
  [[user.step]]
  name = "pipeline"
  redis = [["INCR", "n"], "LPUSH list:${uuid} x"]
  expect = { json = { "/0" = "number", "/1" = 1 } }
  save = { n = "reply:/0" }
  [[user.step]]
  name = "transaction"
  redis = [["SET", "copy", "<${n}>"], "GET copy"]
  transaction = true
  resp = 3
  connection = { shared = 1 }
  expect = { json = { "/1" = { matches = "^<[0-9]+>$" } } }
  [[user.step]]
  name = "call"
  redis = "PING"
  pipeline = 3
  connection = "per_call"
  expect = { reply = "array" }
[[user]]
name = "listener"
arrival = { closed = 1 }
  [[user.step]]
  name = "messages"
  subscribe = "news"
  messages = 2
  timeout = "1s"
  expect = { json = { "/0/2" = "hello" } }
[[user]]
name = "speaker"
arrival = { closed = 1 }
think = "10ms"
  [[user.step]]
  name = "publish"
  redis = "PUBLISH news hello"
[[user]]
name = "mistaken"
arrival = { closed = 1 }
think = "50ms"
  [[user.step]]
  name = "wrong"
  redis = "LPUSH copy x"
  on_error = "continue"
  [[user.step]]
  name = "refused"
  redis = "LPUSH copy x"
  expect = { error = "^WRONGTYPE" }
  [[user.step]]
  name = "not refused"
  redis = "PING"
  expect = { error = "^WRONGTYPE" }
[slo]
checks = ["requests > 10"]
)";

} // namespace

TEST_CASE("users of Redis")
{
    Workplace place;
    place.write("redis.toml", scenario);
    const auto ended = place.squall({"run", "redis.toml", "--out", "run"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 0);
    const auto read = result::read_result(place.path() / "run");
    REQUIRE(read.has_value());
    for (const auto* name : {"set", "pipeline", "transaction", "call", "publish"}) {
        CAPTURE(name);
        CHECK(step_of(*read, name).requests > 10);
        CHECK(step_of(*read, name).errors == 0);
    }
    CHECK(step_of(*read, "messages").requests > 3);
    const auto& wrong = step_of(*read, "wrong");
    CHECK(wrong.errors == wrong.requests);
    CHECK(wrong.errors_by_kind.at("redis_error") == wrong.errors);
    CHECK_THAT(ended.out, ContainsSubstring("WRONGTYPE"));
    CHECK(step_of(*read, "refused").requests > 10);
    CHECK(step_of(*read, "refused").errors == 0);
    CHECK(step_of(*read, "not refused").errors == step_of(*read, "not refused").requests);
    CHECK(place.remains(ended.err).empty());
}

TEST_CASE("a Redis elsewhere is spoken to only where that is allowed")
{
    Workplace place;
    place.write("far.toml", "[[user]]\nname = \"u\"\narrival = { closed = 1 }\n[[user.step]]\nredis = \"PING\"\n"
                            "server = \"redis://:hunter2@example.com:6379\"\n[slo]\nchecks = [\"requests > 1\"]\n");
    const auto ended = place.squall({"check", "far.toml"});
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err + ended.out, ContainsSubstring("allow_hosts"));
    CHECK((ended.err + ended.out).find("hunter2") == std::string::npos);
}
