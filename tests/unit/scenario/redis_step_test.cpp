#include "support.hpp"

using namespace squall::scenario;
using namespace squall::scenario::testing;

namespace {

std::string with_step(const std::string& keys)
{
    return "[[user]]\nname = \"u\"\narrival = { closed = 1 }\n[[user.step]]\n" + keys;
}

Step step_of(const std::string& keys)
{
    return parsed(with_step(keys)).users.at(0).steps.at(0);
}

/// The words as they were written, commands parted by "|".
std::string shown(const RedisStep& step)
{
    std::string all;
    for (const auto& command : step.commands) {
        all += all.empty() ? "" : "|";
        for (const auto& word : command) {
            all += "<" + word.source + ">";
        }
    }
    return all;
}

RedisStep redis_of(const std::string& keys)
{
    return std::get<RedisStep>(step_of(keys).action);
}

} // namespace

TEST_CASE("a command of Redis is a text, its words, or many commands")
{
    CHECK(shown(redis_of("redis = 'GET \"user ${id}\"'\n")) == "<GET><user ${id}>");
    CHECK(shown(redis_of("redis = [\"SET\", \"a b\", 5]\n")) == "<SET><a b><5>");
    CHECK(shown(redis_of("redis = [[\"SET\", \"a\", \"1\"], \"GET a\"]\n")) == "<SET><a><1>|<GET><a>");
    CHECK(step_of("redis = \"GET user:1\"\n").name == "GET");
    CHECK(step_of("redis = [[\"INCR\", \"a\"], \"GET a\"]\n").name == "INCR");
    CHECK(problems(with_step("redis = \"GET 'a\"\n")).size() == 1);
    CHECK(problems(with_step("redis = []\n")).size() == 1);
    CHECK(problems(with_step("redis = \"\"\n")).size() == 1);
}

TEST_CASE("the server is the stack's unless another is named")
{
    CHECK(redis_of("redis = \"PING\"\n").server.source == "${redis}");
    const auto other = redis_of("redis = \"PING\"\nserver = \"rediss://h\"\nresp = 3\npipeline = 16\n");
    CHECK(other.server.source == "rediss://h");
    CHECK(other.resp == 3);
    CHECK(other.repeat == 16);
    CHECK(problems(with_step("redis = \"PING\"\nresp = 4\n")).size() == 1);
}

TEST_CASE("a connection is the user's, a call's, or one of a few that are shared")
{
    using Kind = ConnectionUse::Kind;
    CHECK(redis_of("redis = \"PING\"\n").connection.kind == Kind::of_user);
    CHECK(redis_of("redis = \"PING\"\nconnection = \"per_call\"\n").connection.kind == Kind::per_call);
    const auto shared = redis_of("redis = \"PING\"\nconnection = { shared = 4 }\n").connection;
    CHECK(shared.kind == Kind::shared);
    CHECK(shared.shared == 4);
    CHECK(problems(with_step("redis = \"PING\"\nconnection = \"per_users\"\n")).size() == 1);
}

TEST_CASE("a subscription waits for messages")
{
    const auto step = step_of("subscribe = \"news\"\nmessages = 3\n");
    const auto& redis = std::get<RedisStep>(step.action);
    CHECK(step.name == "SUBSCRIBE news");
    CHECK(shown(redis) == "<SUBSCRIBE><news>");
    CHECK(redis.messages == 3);
    CHECK(problems(with_step("subscribe = \"news\"\npipeline = 3\n")).size() == 1);
}

TEST_CASE("a reply is expected and saved as JSON")
{
    const auto step =
        step_of("redis = \"PING\"\nexpect = { reply = \"PONG\" }\nsave = { a = \"reply\", b = \"reply:/0\" }\n");
    REQUIRE(step.expect.json.size() == 1);
    CHECK(step.expect.json[0].pointer.empty());
    CHECK(step.expect.json[0].kind == JsonExpectation::Kind::equals);
    CHECK(step.save.at(0).argument.empty());
    CHECK(step.save.at(1).argument == "/0");
    CHECK(problems(with_step("redis = \"PING\"\nexpect = { status = 200 }\n")).size() == 1);
}
