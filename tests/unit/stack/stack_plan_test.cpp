#include "stack/stack_plan.hpp"

#include "catch.hpp"
#include "stack/failures.hpp"
#include "stack/log_tail.hpp"
#include "stack/ports.hpp"
#include "stack/private_folder.hpp"

using namespace squall;
using namespace squall::stack;
using Catch::Matchers::Contains;
using Waves = std::vector<std::vector<std::string>>;

namespace {

scenario::CommandSpec service(std::string name, std::string command)
{
    scenario::CommandSpec spec;
    spec.name = std::move(name);
    spec.command = std::move(command);
    return spec;
}

scenario::StackSpec everything()
{
    scenario::StackSpec spec;
    spec.postgres.emplace();
    spec.pgbouncer.emplace();
    spec.redis.emplace();
    spec.target.emplace();
    return spec;
}

const std::map<std::string, int> ports = {{"postgres", 1}, {"pgbouncer", 2}, {"redis", 3},
                                          {"target", 4},   {"a", 5},         {"b", 6}};

std::string argument(const Recipe& recipe, const std::string& option)
{
    for (std::size_t index = 0; index + 1 < recipe.run.argv.size(); ++index) {
        if (recipe.run.argv[index] == option) {
            return recipe.run.argv[index + 1];
        }
    }
    return "";
}

} // namespace

TEST_CASE("what others need starts first, what needs nobody side by side")
{
    scenario::StackSpec spec = everything();
    spec.services = {service("b", "x ${a}"), service("a", "x ${postgres}"), service("c", "x")};
    CHECK(start_order(spec) == Waves{{"postgres", "redis"}, {"pgbouncer"}, {"target"}, {"a", "c"}, {"b"}});
    CHECK(start_order({}).empty());
}

TEST_CASE("services that use each other start together")
{
    scenario::StackSpec spec;
    spec.services = {service("a", "x ${b}"), service("b", "x ${a}"), service("c", "x")};
    CHECK(start_order(spec) == Waves{{"c"}, {"a", "b"}});
}

TEST_CASE("the variables of a whole stack")
{
    scenario::StackSpec spec = everything();
    spec.services = {service("a", "x ${b}"), service("b", "x")};
    spec.services[1].url = "http://127.0.0.1:${port}/v1/";
    const auto plan = make_stack_plan(spec, {}, ports, Site{});
    INFO((plan ? "" : plan.error().message));
    REQUIRE(plan.has_value());
    CHECK(plan->variables == std::map<std::string, std::string>{{"postgres", "postgresql://squall@127.0.0.1:1/squall"},
                                                                {"pgbouncer", "postgresql://squall@127.0.0.1:2/squall"},
                                                                {"redis", "redis://127.0.0.1:3"},
                                                                {"target", "http://127.0.0.1:4"},
                                                                {"api", "http://127.0.0.1:4"},
                                                                {"ws", "ws://127.0.0.1:4"},
                                                                {"a", "http://127.0.0.1:5"},
                                                                {"b", "http://127.0.0.1:6/v1"}});
    CHECK(plan->waves.at(4).at(0).run.argv.at(2) == "x http://127.0.0.1:6/v1");
}

TEST_CASE("the target goes through PgBouncer unless told otherwise, its bypass never")
{
    scenario::StackSpec spec = everything();
    std::string expected = "postgresql://squall@127.0.0.1:2/squall";
    SECTION("by default") {}
    SECTION("told to go to PostgreSQL")
    {
        spec.target->database = "postgres";
        expected = "postgresql://squall@127.0.0.1:1/squall";
    }
    SECTION("without a PgBouncer")
    {
        spec.pgbouncer.reset();
        expected = "postgresql://squall@127.0.0.1:1/squall";
    }
    const auto plan = make_stack_plan(spec, {}, ports, Site{});
    REQUIRE(plan.has_value());
    const Recipe& target = plan->waves.back().at(0);
    CHECK(argument(target, "--database") == expected);
    CHECK(argument(target, "--bypass-database") == "postgresql://squall@127.0.0.1:1/squall");
    CHECK(argument(target, "--redis") == "redis://127.0.0.1:3");
}

TEST_CASE("what is wrong with a spec is said with its place")
{
    scenario::StackSpec spec;
    std::string expected;
    SECTION("a target without a database")
    {
        spec.target.emplace();
        spec.target->place = {"meals.toml", 7, 3, "stack.target"};
        expected = "meals.toml:7:3: stack.target needs a stack.postgres";
    }
    SECTION("PgBouncer without PostgreSQL")
    {
        spec.pgbouncer.emplace();
        expected = "stack.pgbouncer needs a stack.postgres";
    }
    SECTION("an init file that is not there")
    {
        spec.postgres.emplace();
        spec.postgres->init = {"nowhere.sql"};
        expected = "there is no file /nonexistent/nowhere.sql";
    }
    SECTION("a service with the name of a server")
    {
        spec.services = {service("redis", "x")};
        expected = "the name \"redis\" is taken by the stack itself";
    }
    SECTION("a service whose name would leave the folder of the logs")
    {
        spec.services = {service("../x", "x")};
        expected = "is not a name";
    }
    SECTION("a working directory that is not there")
    {
        spec.services = {service("a", "x")};
        spec.services[0].working_directory = "nowhere";
        expected = "there is no folder /nonexistent/nowhere";
    }
    const auto checked = check_spec(spec, "/nonexistent");
    REQUIRE_FALSE(checked.has_value());
    CHECK_THAT(checked.error().message, Contains(expected));
}

TEST_CASE("ports: fixed ones are kept, free ones differ and lie below those of clients")
{
    scenario::StackSpec spec = everything();
    const auto assigned = assign_ports(spec, Random(7));
    REQUIRE(assigned.has_value());
    std::set<int> distinct;
    for (const auto& [name, port] : *assigned) {
        distinct.insert(port);
        CHECK(is_port_free(port));
    }
    CHECK(distinct.size() == 4);
    spec.redis->port = assigned->at("redis");
    const auto again = assign_ports(spec, Random(8));
    REQUIRE(again.has_value());
    CHECK(again->at("redis") == assigned->at("redis"));

    const auto range = server_port_range("32768\t60999\n");
    REQUIRE(range.has_value());
    CHECK(range->last == 32'767);
    CHECK_FALSE(server_port_range("1024 65535").has_value());
    CHECK_FALSE(server_port_range("").has_value());
}

TEST_CASE("the last lines of a log, without empty ones and without passwords")
{
    CHECK(last_lines("one\ntwo\n\n  \nthree\n", 2) == std::vector<std::string>{"two", "three"});
    CHECK(last_lines("", 8).empty());
    CHECK_THAT(last_lines("at redis://:secret@host", 1).at(0), !Contains("secret"));
}

TEST_CASE("messages say what, which, and the way out")
{
    Recipe recipe;
    recipe.title = "service api";
    recipe.info.name = "api";
    recipe.info.kind = "service";
    recipe.ready_timeout = std::chrono::seconds(2);
    recipe.readiness = PortAccepts{"127.0.0.1", 80};
    CHECK(never_ready(recipe, "refused", "LOG").message ==
          "service api was not ready within 2s (it runs); asked by a TCP connection to 127.0.0.1:80; last answer: "
          "refused; if it only needs longer, raise stack.service.api.ready_timeout; LOG");
    CHECK(ended_early(recipe, Ended{"api", 1, 3, 0}, "LOG").message ==
          "service api did not start: it exited with code 3; LOG");
    ProcessStat holder;
    holder.pid = 12;
    holder.name = "nginx";
    CHECK_THAT(port_taken("api", 80, holder).message, Contains("port 80 of api is taken by process 12 (nginx)"));
    CHECK_THAT(port_taken("api", 80, std::nullopt).message, Contains("another process"));
}

TEST_CASE("who may enter a folder: owner, else group, else others")
{
    const UserIds user{"u", 10, 20};
    struct stat folder {};
    const auto may = [&](uid_t uid, gid_t gid, mode_t mode) {
        folder.st_uid = uid;
        folder.st_gid = gid;
        folder.st_mode = S_IFDIR | mode;
        return may_enter(folder, user);
    };
    CHECK(may(10, 0, 0700));
    CHECK_FALSE(may(10, 20, 0077));
    CHECK(may(0, 20, 0710));
    CHECK_FALSE(may(0, 20, 0701));
    CHECK(may(0, 0, 0701));
    CHECK_FALSE(may(0, 0, 0770));
}
