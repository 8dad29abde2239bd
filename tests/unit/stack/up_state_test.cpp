#include "stack/up_state.hpp"

#include "catch.hpp"

#include <cstdlib>

using namespace squall::stack;

TEST_CASE("the note of `up` is read as it was written")
{
    UpState state;
    state.scenario_file = "meals.toml";
    state.run_folder = "/runs/1";
    state.keeper_pid = 812;
    state.keeper_start = 18'446'744'073'709'551'615U;
    state.boot_id = "b";
    state.private_folders = {"/runs/1/stack"};
    state.services = {{"redis", "redis", "redis://127.0.0.1:1", 1, 813, "/runs/1/logs/redis.log"}};
    state.variables = {{"redis", "redis://127.0.0.1:1"}};
    const auto same = parse_up_state(to_json_text(state));
    REQUIRE(same.has_value());
    CHECK(to_json_text(*same) == to_json_text(state));
    CHECK(same->keeper_start == state.keeper_start);
    CHECK(same->services.at(0).pid == 813);
}

TEST_CASE("a note that is cut off is an error")
{
    CHECK_FALSE(parse_up_state("").has_value());
    CHECK_FALSE(parse_up_state("{\"keeper_pid\":").has_value());
    CHECK_FALSE(parse_up_state("{}").has_value());
}

TEST_CASE("a pid that nobody has is no living keeper")
{
    UpState state;
    state.keeper_pid = 1 << 23;
    CHECK_FALSE(keeper_lives(state));
}
