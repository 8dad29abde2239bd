#include "stack/protocol.hpp"

#include "catch.hpp"

using namespace squall;
using namespace squall::stack;

TEST_CASE("a spawn request survives the way to the keeper")
{
    SpawnRequest spawn;
    spawn.name = "api";
    spawn.argv = {"/bin/sh", "-c", "echo \"a\nb\" \\ 'c'"};
    spawn.environment = {"A=1", "B=line\nbreak", "C=\xff raw byte"};
    spawn.directory = "/tmp";
    spawn.log = "/tmp/api.log";
    spawn.stop_signal = SIGINT;
    spawn.hurry_signal = SIGQUIT;
    spawn.death_signal = SIGHUP;
    spawn.grace = std::chrono::milliseconds(1234);
    SECTION("with a user")
    {
        spawn.user = UserIds{"postgres", 101, 104};
    }
    SECTION("without one") {}

    const std::string line = encode(Request(spawn));
    CHECK(line.find('\n') == std::string::npos);
    const auto parsed = parse_request(line);
    REQUIRE(parsed.has_value());
    const auto& same = std::get<SpawnRequest>(*parsed);
    CHECK(same.name == spawn.name);
    CHECK(same.argv == spawn.argv);
    CHECK(same.environment == spawn.environment);
    CHECK(same.directory == spawn.directory);
    CHECK(same.log == spawn.log);
    CHECK(same.stop_signal == SIGINT);
    CHECK(same.hurry_signal == SIGQUIT);
    CHECK(same.death_signal == SIGHUP);
    CHECK(same.grace == spawn.grace);
    REQUIRE(same.user.has_value() == spawn.user.has_value());
    if (spawn.user) {
        CHECK(same.user->name == "postgres");
        CHECK(same.user->uid == 101);
        CHECK(same.user->gid == 104);
    }
}

TEST_CASE("the other messages survive too")
{
    const auto remove = parse_request(encode(Request(RemoveAtEnd{"/run/stack"})));
    REQUIRE(remove.has_value());
    CHECK(std::get<RemoveAtEnd>(*remove).folder == "/run/stack");
    const auto stop = parse_request(encode(Request(StopAll{})));
    CHECK((stop.has_value() && std::holds_alternative<StopAll>(*stop)));
    const auto detach = parse_request(encode(Request(Detach{})));
    CHECK((detach.has_value() && std::holds_alternative<Detach>(*detach)));
    const auto hello = parse_notice(encode(Notice(Hello{})));
    CHECK((hello.has_value() && std::holds_alternative<Hello>(*hello)));
    const auto detached = parse_notice(encode(Notice(Detached{})));
    CHECK((detached.has_value() && std::holds_alternative<Detached>(*detached)));
    const auto spawned = parse_notice(encode(Notice(Spawned{"redis", 0, "no"})));
    REQUIRE(spawned.has_value());
    CHECK(std::get<Spawned>(*spawned).error == "no");
    const auto ended = parse_notice(encode(Notice(Ended{"redis", 12, 0, 9})));
    REQUIRE(ended.has_value());
    CHECK(std::get<Ended>(*ended).pid == 12);
    CHECK(std::get<Ended>(*ended).signal == 9);
}

TEST_CASE("what is no message is an error, not a crash")
{
    const std::string line = GENERATE("", "{", "[]", "{}", "{\"spawn\":1}", "{\"spawn\":{}}", "{\"dance\":{}}",
                                      "{\"stop_all\":{},\"detach\":{}}", "{\"remove_at_end\":{\"folder\":7}}");
    CAPTURE(line);
    CHECK_FALSE(parse_request(line).has_value());
    CHECK_FALSE(parse_notice(line).has_value());
}

TEST_CASE("lines are cut however the bytes arrive")
{
    LineBuffer buffer;
    CHECK(buffer.feed("ab").empty());
    CHECK(buffer.feed("c\nde\nf") == std::vector<std::string>{"abc", "de"});
    CHECK(buffer.feed("\n\n") == std::vector<std::string>{"f", ""});
}

TEST_CASE("an end is told by code or by signal")
{
    CHECK(describe(Ended{"x", 1, 3, 0}) == "exited with code 3");
    CHECK(describe(Ended{"x", 1, 0, SIGKILL}) == "was killed by signal 9 (Killed)");
}
