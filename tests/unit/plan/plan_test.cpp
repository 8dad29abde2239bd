#include "plan/plan.hpp"

#include "catch.hpp"
#include "scenario_builder.hpp"

using namespace std::chrono_literals;

namespace squall::plan {
namespace {

const Step& first_step(const Plan& plan)
{
    return plan.populations.at(0).steps.at(0);
}

} // namespace

TEST_CASE("a plan without problems")
{
    auto scenario = small_scenario();

    SECTION("folds endpoints of the file into constant texts")
    {
        const auto outcome = make_plan(scenario);
        REQUIRE(outcome.plan);
        const auto& action = std::get<HttpAction>(first_step(*outcome.plan).action);
        CHECK(action.url.constant == "http://127.0.0.1:8080/");
        REQUIRE(outcome.plan->endpoints.size() == 2);
        CHECK(outcome.plan->endpoints[0].name == "run_folder");
        CHECK_FALSE(outcome.plan->endpoints[0].fixed);
        CHECK(outcome.plan->endpoints[1].fixed == "http://127.0.0.1:8080");
    }
    SECTION("leaves addresses of the stack to the run, each in a slot of its name")
    {
        scenario.endpoints.clear();
        scenario.stack.postgres.emplace();
        scenario.stack.target.emplace();
        const auto outcome = make_plan(scenario);
        REQUIRE(outcome.plan);
        const auto& url = std::get<HttpAction>(first_step(*outcome.plan).action).url;
        CHECK_FALSE(url.constant);
        CHECK(outcome.plan->slot_names.at(std::get<Slot>(url.segments.at(0).content)) == "api");
        CHECK(outcome.plan->stack.target->database == "postgres");
    }
    SECTION("keeps the target behind PgBouncer where there is one")
    {
        scenario.endpoints.clear();
        scenario.stack.postgres.emplace();
        scenario.stack.pgbouncer.emplace();
        scenario.stack.target.emplace();
        CHECK(make_plan(scenario).plan->stack.target->database == "pgbouncer");
    }
    SECTION("primes for a tenth of the load, ten seconds at most, and settles as long as it quiesces")
    {
        scenario.duration = 60s;
        auto phases = make_plan(scenario).plan->phases;
        CHECK(phases.primer == 6s);
        CHECK(phases.settle == 5s);
        CHECK(phases.quiesce == 5s);
        scenario.duration = 1h;
        scenario.quiesce = 2s;
        phases = make_plan(scenario).plan->phases;
        CHECK(phases.primer == 10s);
        CHECK(phases.settle == 2s);
    }
    SECTION("warms up before the load when told to, and not in its place")
    {
        scenario.duration = 60s;
        CHECK(make_plan(scenario).plan->phases.warm_up == 0s);
        const auto without = make_plan(scenario).plan->phases.total();
        scenario.warm_up = 7s;
        CHECK(make_plan(scenario).plan->phases.warm_up == 7s);
        CHECK(make_plan(scenario).plan->phases.load == 60s);
        CHECK(make_plan(scenario).plan->phases.total() == without + 7s);
    }
    SECTION("neither primes nor settles when the primer is 0")
    {
        scenario.primer = 0s;
        const auto phases = make_plan(scenario).plan->phases;
        CHECK(phases.primer == 0s);
        CHECK(phases.settle == 0s);
    }
    SECTION("puts the user's name before a step that two users have, and a number behind one that a user has twice")
    {
        scenario.users = {
            user_of("a", {step_of("home", "${api}/"), step_of("login", "${api}/l")}),
            user_of("b", {step_of("login", "${api}/l"), step_of("x", "${api}/"), step_of("x", "${api}/")})};
        const auto outcome = make_plan(scenario);
        REQUIRE(outcome.plan);
        CHECK(outcome.plan->step_names == std::vector<std::string>{"home", "a/login", "b/login", "x", "x #2"});
        CHECK(outcome.plan->populations[1].steps[2].id == 4);
    }
    SECTION("orders variables so that each follows those it uses")
    {
        scenario.users[0].variables["a"] = text_of("${b}!");
        scenario.users[0].variables["b"] = text_of("${c}?");
        scenario.users[0].variables["c"] = text_of("1");
        const auto outcome = make_plan(scenario);
        REQUIRE(outcome.plan);
        std::string order;
        for (const auto& [slot, text] : outcome.plan->populations[0].initial) {
            order += outcome.plan->slot_names[slot];
        }
        CHECK(order == "cba");
    }
    SECTION("knows which steps need the body")
    {
        CHECK_FALSE(first_step(*make_plan(scenario).plan).needs_body);
        scenario.users[0].steps[0].save.push_back(save_of("token"));
        CHECK(first_step(*make_plan(scenario).plan).needs_body);
    }
    SECTION("a user's own variable wins over an endpoint of that name")
    {
        scenario.users[0].variables["api"] = text_of("http://localhost:1");
        const auto outcome = make_plan(scenario);
        REQUIRE(outcome.plan);
        CHECK_FALSE(std::get<HttpAction>(first_step(*outcome.plan).action).url.constant);
    }
    SECTION("escapes a constant that stands inside JSON")
    {
        scenario.variables["quote"] = text_of("say \"hi\"");
        std::get<scenario::HttpStep>(scenario.users[0].steps[0].action).body = text_of("{\"a\":\"${quote}\"}", true);
        const auto outcome = make_plan(scenario);
        REQUIRE(outcome.plan);
        CHECK(std::get<HttpAction>(first_step(*outcome.plan).action).body->constant == R"({"a":"say \"hi\""})");
    }
}

TEST_CASE("a plan tells what is wrong with names")
{
    auto scenario = small_scenario();
    auto& steps = scenario.users[0].steps;

    SECTION("an unknown variable, with its place and the nearest name")
    {
        steps[0] = step_of("home", "${aip}/");
        CHECK_THAT(problems_of(scenario), ContainsSubstring("7: unknown variable ${aip}; did you mean ${api}?"));
    }
    SECTION("a saved value used before the step that saves it")
    {
        steps[0] = step_of("home", "${api}/${token}");
        steps.push_back(step_of("login", "${api}/login"));
        steps[1].save.push_back(save_of("token"));
        CHECK_THAT(problems_of(scenario), ContainsSubstring("${token} is saved by the step \"login\""));
        std::swap(steps[0], steps[1]);
        CHECK(problems_of(scenario).empty());
    }
    SECTION("but not when a variable gives it an initial value")
    {
        steps[0] = step_of("home", "${api}/${token}");
        steps[0].save.push_back(save_of("token"));
        CHECK_THAT(problems_of(scenario), ContainsSubstring("${token} is saved"));
        scenario.users[0].variables["token"] = text_of("none");
        CHECK(problems_of(scenario).empty());
    }
    SECTION("one name given by the target and by a service")
    {
        scenario.endpoints.clear();
        scenario.stack.postgres.emplace();
        scenario.stack.target.emplace();
        scenario.stack.services.emplace_back().name = "api";
        CHECK_THAT(problems_of(scenario), ContainsSubstring("both [stack] target and [stack] service.api give ${api}"));
    }
    SECTION("one name given by the stack and by [endpoints]")
    {
        scenario.stack.services.emplace_back().name = "api";
        CHECK_THAT(problems_of(scenario), ContainsSubstring("both [stack] service.api and [endpoints] give ${api}"));
    }
    SECTION("an address that nothing gives, with the way out")
    {
        scenario.endpoints.clear();
        CHECK_THAT(problems_of(scenario),
                   ContainsSubstring("${api} has no value: add target = {} or service.api to [stack]"));
    }
    SECTION("variables that refer to each other in a circle")
    {
        scenario.variables["a"] = text_of("${b}");
        scenario.variables["b"] = text_of("${a}");
        CHECK_THAT(problems_of(scenario), ContainsSubstring("in a circle: a → b → a"));
    }
    SECTION("an endpoint that varies")
    {
        auto& text = scenario.endpoints["db"];
        text = text_of("http://localhost/");
        text.segments.push_back({scenario::Generator{}, false});
        CHECK_THAT(problems_of(scenario), ContainsSubstring("an endpoint must not vary"));
    }
    SECTION("a probe that uses what differs from user to user")
    {
        auto& varying = scenario.variables["id"];
        varying = text_of("x");
        varying.segments.push_back({scenario::Generator{}, false});
        scenario.probes.push_back({{}, "pool", 1s, scenario::HttpJsonProbe{text_of("${api}/${id}"), {}}});
        CHECK_THAT(problems_of(scenario), ContainsSubstring("${id} changes from user to user"));
    }
    SECTION("a probe with the name of a part of the stack")
    {
        scenario.stack.redis.emplace();
        scenario.probes.push_back({{}, "redis", 1s, scenario::HttpJsonProbe{text_of("${api}/x"), {}}});
        CHECK_THAT(problems_of(scenario), ContainsSubstring("the name \"redis\" is already"));
    }
    SECTION("two users of one name")
    {
        scenario.users.push_back(scenario.users[0]);
        CHECK_THAT(problems_of(scenario), ContainsSubstring("10: two users have the name \"u\""));
    }
    SECTION("no users, and a user without steps")
    {
        scenario.users[0].steps.clear();
        CHECK_THAT(problems_of(scenario), ContainsSubstring("10: the user \"u\" has no steps"));
        scenario.users.clear();
        CHECK_THAT(problems_of(scenario), ContainsSubstring("the scenario has no users"));
    }
    SECTION("a regular expression that does not compile")
    {
        steps[0].expect.body.push_back("(open");
        CHECK_THAT(problems_of(scenario), ContainsSubstring("20: expect.body: \"(open\" is not a regular expression"));
    }
    SECTION("a path without a host")
    {
        steps[0] = step_of("home", "/login");
        CHECK_THAT(problems_of(scenario),
                   ContainsSubstring("\"/login\" is not an http or https URL; write for example ${api}/path"));
    }
    SECTION("all of a file at once, and no plan")
    {
        steps[0] = step_of("home", "${aip}/${tokn}");
        const auto outcome = make_plan(scenario);
        CHECK(outcome.problems.size() == 2);
        CHECK_FALSE(outcome.plan);
    }
}

TEST_CASE("a plan tells what is wrong with the stack")
{
    auto scenario = small_scenario();

    SECTION("a target and a PgBouncer without PostgreSQL")
    {
        scenario.endpoints.clear();
        scenario.stack.target.emplace();
        scenario.stack.pgbouncer.emplace();
        CHECK_THAT(problems_of(scenario), ContainsSubstring("the target needs a database"));
        CHECK_THAT(problems_of(scenario), ContainsSubstring("PgBouncer needs a database"));
    }
    SECTION("one port for two services")
    {
        scenario.stack.postgres.emplace().port = 6000;
        scenario.stack.redis.emplace().port = 6000;
        CHECK_THAT(problems_of(scenario), ContainsSubstring("the port 6000 is given to postgres and to redis"));
    }
    SECTION("an SQL file and a certificate file that are not there")
    {
        scenario.stack.postgres.emplace().init.push_back("absent.sql");
        scenario.tls.ca_file = "absent.pem";
        CHECK_THAT(problems_of(scenario), ContainsSubstring("absent.sql") && ContainsSubstring("absent.pem"));
    }
}

TEST_CASE("a plan refuses hosts outside loopback and allow_hosts")
{
    auto scenario = small_scenario();

    SECTION("in an endpoint")
    {
        scenario.endpoints["api"] = text_of("https://staging.example.com/v1");
        CHECK_THAT(problems_of(scenario),
                   ContainsSubstring("7: the host staging.example.com is neither loopback nor in "
                                     "allow_hosts; add allow_hosts = [\"staging.example.com\"]"));
        scenario.allow_hosts = {"staging.example.com"};
        CHECK(problems_of(scenario).empty());
    }
    SECTION("in a step's own address, also where only its path varies")
    {
        scenario.users[0].variables["x"] = text_of("1");
        scenario.users[0].steps[0] = step_of("home", "http://evil.example/${x}");
        CHECK_THAT(problems_of(scenario), ContainsSubstring("20: the host evil.example"));
    }
    SECTION("in a probe's address")
    {
        scenario.probes.push_back({{}, "p", 1s, scenario::PostgresProbe{text_of("postgres://me@db.example/x")}});
        CHECK_THAT(problems_of(scenario), ContainsSubstring("the host db.example"));
    }
    SECTION("hidden behind a user name that looks like loopback")
    {
        scenario.endpoints["api"] = text_of("http://127.0.0.1@evil.example/");
        CHECK_THAT(problems_of(scenario), ContainsSubstring("the host evil.example"));
    }
}

TEST_CASE("think time has no meaning in the open model")
{
    auto scenario = small_scenario();
    scenario.users[0].arrival.model = scenario::RateArrival{Rate::per_second(5), scenario::Distribution::constant};
    CHECK(make_plan(scenario).problems.empty());
    scenario.users[0].think = {1s, 2s};
    const auto outcome = make_plan(scenario);
    REQUIRE(outcome.problems.size() == 1);
    CHECK_THAT(outcome.problems[0].message, ContainsSubstring("both an arrival rate and a think time"));
}

} // namespace squall::plan
