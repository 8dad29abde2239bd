// The claim: `up` outlives its command, `down` ends it wholly, and a note that lies is found out.
#include "stack/up_state.hpp"
#include "support.hpp"

#include "catch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using namespace squall;
using namespace squall::stack;
using namespace squall::stack::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

scenario::StackSpec redis_only()
{
    scenario::StackSpec spec;
    spec.redis.emplace();
    return spec;
}

/// `squall up` in a process of its own, which has ended when this returns.
int up_in_a_process(const StackOptions& options, const std::string& state_folder)
{
    const pid_t child = ::fork();
    if (child == 0) {
        asio::io_context context(1);
        const auto state = run(context, bring_up(redis_only(), options, "meals.toml", state_folder));
        ::_exit(state ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

Result<DownOutcome> down(const std::string& state_folder)
{
    asio::io_context context(1);
    return run(context, bring_down(state_folder, std::make_shared<SteadyClock>()));
}

DownOutcome outcome_of(const Result<DownOutcome>& result)
{
    INFO((result ? "" : result.error().message));
    REQUIRE(result.has_value());
    return *result;
}

} // namespace

TEST_CASE("a stack that is up outlives its command until it is taken down")
{
    const TemporaryFolder folder;
    const std::string state_folder = folder.path() + "/state";
    REQUIRE(up_in_a_process(options_in(folder), state_folder) == 0);
    const auto note = read_up_state(state_folder);
    REQUIRE(note.has_value());
    REQUIRE(note->has_value());
    const UpState state = **note;
    CHECK(keeper_lives(state));
    CHECK(is_alive(state.services.at(0).pid));
    CHECK(state.variables.at("redis").starts_with("redis://127.0.0.1:"));

    SECTION("a second one is refused")
    {
        asio::io_context context(1);
        const auto second = run(context, bring_up(redis_only(), options_in(folder), "other.toml", state_folder));
        REQUIRE_FALSE(second.has_value());
        CHECK_THAT(second.error().message, Contains("up already, of meals.toml") && Contains("squall down"));
        CHECK(keeper_lives(state));
        CHECK(outcome_of(down(state_folder)) == DownOutcome::stopped);
    }
    SECTION("down stops it, and once more finds nothing")
    {
        CHECK(outcome_of(down(state_folder)) == DownOutcome::stopped);
        CHECK(outcome_of(down(state_folder)) == DownOutcome::nothing_up);
    }
    SECTION("the note of a killed keeper is stale, and its data are removed")
    {
        ::kill(state.keeper_pid, SIGKILL);
        REQUIRE(eventually([&] { return !keeper_lives(state); }, 2000ms));
        CHECK(outcome_of(down(state_folder)) == DownOutcome::stale);
    }
    CHECK(what_is_left(folder.path(), state.services) == "");
    CHECK_FALSE(std::filesystem::exists(state_folder));
}

TEST_CASE("a reused pid is never signalled")
{
    const TemporaryFolder folder;
    const std::string state_folder = folder.path() + "/state";
    REQUIRE(up_in_a_process(options_in(folder), state_folder) == 0);
    const UpState state = **read_up_state(state_folder);
    UpState stranger = state;
    stranger.keeper_start += 1;
    CHECK_FALSE(keeper_lives(stranger));
    stranger = state;
    stranger.boot_id = "another";
    CHECK_FALSE(keeper_lives(stranger));
    CHECK(outcome_of(down(state_folder)) == DownOutcome::stopped);
}

TEST_CASE("a note in a folder that others may write is not believed")
{
    const TemporaryFolder folder;
    const std::string state_folder = folder.path() + "/state";
    REQUIRE(up_in_a_process(options_in(folder), state_folder) == 0);
    std::filesystem::permissions(state_folder, std::filesystem::perms::all);
    const auto refused = down(state_folder);
    REQUIRE_FALSE(refused.has_value());
    CHECK_THAT(refused.error().message, Contains("not believed"));
    std::filesystem::permissions(state_folder, std::filesystem::perms::owner_all);
    CHECK(outcome_of(down(state_folder)) == DownOutcome::stopped);
}
