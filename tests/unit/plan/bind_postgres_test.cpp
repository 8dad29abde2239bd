#include "plan/plan.hpp"
#include "scenario/parse.hpp"

#include "catch.hpp"

namespace squall::plan {
namespace {

PlanOutcome plan_of(const std::string& steps)
{
    auto parsed = scenario::parse_text("[endpoints]\npostgres = \"postgresql://u@127.0.0.1/db\"\n[[user]]\nname = "
                                       "\"u\"\narrival = { closed = 1 }\n" +
                                           steps,
                                       "s.toml", {});
    REQUIRE(parsed.problems.empty());
    return make_plan(parsed.scenario);
}

std::string problem_of(const std::string& steps)
{
    const auto outcome = plan_of(steps);
    REQUIRE(outcome.problems.size() == 1);
    return outcome.problems[0].message;
}

PostgresAction action_of(const PlanOutcome& outcome, std::size_t step)
{
    REQUIRE(outcome.plan);
    return std::get<PostgresAction>(outcome.plan->populations.at(0).steps.at(step).action);
}

} // namespace

TEST_CASE("the same prepared SQL has one name, other SQL another, and what is not prepared none")
{
    const auto outcome =
        plan_of("[[user.step]]\nname = \"a\"\npostgres = \"SELECT $1\"\nparameters = [1]\nprepared = true\n"
                "[[user.step]]\nname = \"b\"\npostgres = [[\"SELECT $1\", 2], \"SELECT 2\"]\nprepared = true\n"
                "[[user.step]]\nname = \"c\"\npostgres = \"SELECT 2\"\n");
    const auto first = action_of(outcome, 0);
    const auto both = action_of(outcome, 1);
    CHECK_FALSE(first.statements.at(0).name.empty());
    CHECK(first.statements.at(0).name == both.statements.at(0).name);
    CHECK(both.statements.at(0).name != both.statements.at(1).name);
    CHECK(both.statements.at(0).parameters.at(0).constant == "2");
    CHECK(action_of(outcome, 2).statements.at(0).name.empty());
}

TEST_CASE("each statement of a pipeline that is prepared is the same each time")
{
    CHECK(problem_of("[[user.step]]\npostgres = [\"SELECT 1\", \"SELECT ${seq}\"]\nprepared = true\n")
              .find("a prepared statement is the same each time") != std::string::npos);
}

TEST_CASE("what a step over PostgreSQL names must be known")
{
    CHECK(problem_of("[[user.step]]\npostgres = \"COPY t FROM STDIN\"\ncopy = { rows = 1, row = \"${nobody}\" }\n")
              .find("${nobody}") != std::string::npos);
    CHECK(problem_of("[[user.step]]\nlisten = \"${nobody}\"\n").find("${nobody}") != std::string::npos);
    CHECK(problem_of("[[user.step]]\nlisten = \"a\"\npayload = \"${nobody}\"\n").find("${nobody}") !=
          std::string::npos);
    CHECK(problem_of("[[user.step]]\nlisten = \"a\"\ndatabase = \"postgresql://db.example.com/x\"\n")
              .find("db.example.com") != std::string::npos);
}

TEST_CASE("notifications to wait for, rows to copy, and the connection reach the plan")
{
    const auto outcome =
        plan_of("[[user.step]]\nname = \"a\"\nlisten = \"jobs\"\nnotifications = 3\npayload = \"x${seq}\"\n"
                "[[user.step]]\nname = \"b\"\npostgres = \"COPY t FROM STDIN\"\nconnection = { shared = 4 }\n"
                "copy = { rows = 9, row = \"${seq}\" }\n");
    const auto listen = action_of(outcome, 0).listen;
    REQUIRE(listen);
    CHECK(listen->channel.constant == "jobs");
    CHECK(listen->notifications == 3);
    CHECK_FALSE(listen->payload->constant);
    const auto copy = action_of(outcome, 1);
    CHECK(copy.copy->rows == 9);
    CHECK_FALSE(copy.copy->row.constant);
    CHECK(copy.connection.shared == 4);
}

} // namespace squall::plan
