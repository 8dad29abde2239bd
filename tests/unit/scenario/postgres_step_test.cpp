#include "support.hpp"

using namespace squall::scenario;
using namespace squall::scenario::testing;
using namespace std::chrono_literals;

namespace {

std::string with_step(const std::string& keys)
{
    return "[[user]]\nname = \"u\"\narrival = { closed = 1 }\n[[user.step]]\n" + keys;
}

Step step_of(const std::string& keys)
{
    return parsed(with_step(keys)).users.at(0).steps.at(0);
}

PostgresStep postgres_of(const std::string& keys)
{
    return std::get<PostgresStep>(step_of(keys).action);
}

} // namespace

TEST_CASE("a step over PostgreSQL is read with all its keys")
{
    const auto step = step_of("postgres = \"SELECT id FROM meals WHERE user_id = $1 LIMIT 1\"\n"
                              "parameters = [\"${data.id}\"]\nprepared = true\npipeline = 3\n"
                              "statement_timeout = \"2s\"\nexpect = { rows = 3 }\nsave = { id = \"column:id\" }\n");
    const auto& postgres = std::get<PostgresStep>(step.action);
    CHECK(step.name == "SELECT id FROM meals");
    CHECK(postgres.statements.at(0).sql.source == "SELECT id FROM meals WHERE user_id = $1 LIMIT 1");
    CHECK(postgres.database.source == "${postgres}");
    CHECK(postgres.statements.at(0).parameters.at(0).source == "${data.id}");
    CHECK(postgres.prepared);
    CHECK(postgres.pipeline == 3);
    CHECK(postgres.statement_timeout == std::optional<squall::Duration>(2s));
    CHECK(step.expect.rows == 3);
    CHECK(step.save.at(0).source == Save::Source::column);
    CHECK(step.save.at(0).argument == "id");
}

TEST_CASE("patterns over PostgreSQL")
{
    using Kind = PostgresPattern::Kind;
    const auto hoard = postgres_of("postgres = { hoard = 50, for = \"10s\" }\n").pattern;
    CHECK(hoard.kind == Kind::hoard);
    CHECK(hoard.connections == 50);
    CHECK(hoard.length == 10s);
    CHECK(postgres_of("postgres = { idle_in_transaction = \"2s\" }\n").pattern.kind == Kind::idle_in_transaction);
    CHECK(postgres_of("postgres = { nested_acquire = \"1s\" }\n").pattern.length == 1s);
    const auto storm = postgres_of("postgres = { storm = \"5s\" }\n").pattern;
    CHECK(storm.kind == Kind::storm);
    CHECK(storm.every == 5s);
}

TEST_CASE("several statements over PostgreSQL, each with its parameters, are one pipeline")
{
    const auto step = step_of("postgres = [[\"INSERT INTO meals VALUES ($1, $2)\", \"${data.id}\", 7], \"SELECT 1\"]\n"
                              "prepared = true\n");
    const auto& statements = std::get<PostgresStep>(step.action).statements;
    REQUIRE(statements.size() == 2);
    CHECK(statements[0].sql.source == "INSERT INTO meals VALUES ($1, $2)");
    CHECK(statements[0].parameters.at(0).source == "${data.id}");
    CHECK(statements[0].parameters.at(1).source == "7");
    CHECK(statements[1].sql.source == "SELECT 1");
    CHECK(statements[1].parameters.empty());
    CHECK(step.name == "INSERT INTO meals VALUES");
}

TEST_CASE("rows for a COPY, and connections that are shared")
{
    const auto postgres = postgres_of("postgres = \"COPY meals FROM STDIN\"\n"
                                      "copy = { rows = 9, row = \"${seq}\" }\nconnection = { shared = 20 }\n");
    REQUIRE(postgres.copy);
    CHECK(postgres.copy->rows == 9);
    CHECK(postgres.copy->row.source == "${seq}");
    CHECK(postgres.connection.kind == ConnectionUse::Kind::shared);
    CHECK(postgres.connection.shared == 20);
    CHECK(postgres_of("postgres = \"SELECT 1\"\nconnection = \"per_call\"\n").connection.kind ==
          ConnectionUse::Kind::per_call);
}

TEST_CASE("notifications of PostgreSQL that are waited for")
{
    const auto step = step_of("listen = \"jobs\"\nnotifications = 3\npayload = \"${data.id}\"\n"
                              "expect = { body = \"^done\" }\nsave = { job = \"json:/id\" }\n");
    const auto& postgres = std::get<PostgresStep>(step.action);
    CHECK(step.name == "LISTEN jobs");
    CHECK(postgres.statements.empty());
    CHECK(postgres.database.source == "${postgres}");
    REQUIRE(postgres.listen);
    CHECK(postgres.listen->channel.source == "jobs");
    CHECK(postgres.listen->notifications == 3);
    CHECK(postgres.listen->payload->source == "${data.id}");
    CHECK(step.expect.body.at(0) == "^done");
    CHECK(step.save.at(0).argument == "/id");
    CHECK(postgres_of("listen = \"jobs\"\n").listen->notifications == 1);
}

TEST_CASE("keys of a step over PostgreSQL that do not go together")
{
    const auto says = [](const std::string& keys, const std::string& words) {
        const auto said = problems(with_step(keys));
        INFO((said.empty() ? "nothing was said" : said.at(0)));
        CHECK(said.size() == 1);
        CHECK((!said.empty() && said.at(0).find(words) != std::string::npos));
    };
    says("postgres = { storm = \"1s\" }\nconnection = { shared = 2 }\n", "connection belongs to a step with SQL");
    says("postgres = [\"SELECT $1\"]\nparameters = [1]\n", "parameters belongs to a single statement");
    says("postgres = []\n", "an array of statements");
    says("postgres = [[1]]\n", "an array of SQL and its parameters");
    says("postgres = [\"COPY a FROM STDIN\", \"SELECT 1\"]\ncopy = { rows = 1, row = \"x\" }\n",
         "copy belongs to a single statement: COPY … FROM STDIN");
    says("postgres = \"COPY a FROM STDIN\"\npipeline = 2\ncopy = { rows = 1, row = \"x\" }\n",
         "pipeline belongs to a statement that is no COPY");
    says("listen = \"a\"\nnotifications = 0\npayload = \"x\"\n",
         "payload belongs to a step that waits for notifications");
}

TEST_CASE("a step over PostgreSQL may expect to be refused")
{
    CHECK(step_of("postgres = \"SELECT 1/0\"\nexpect = { error = \"22012\" }\n").expect.error == "22012");
    CHECK(problems(with_step("postgres = \"SELECT 1\"\nexpect = { error = \"a\", rows = 1 }\n")).size() == 1);
    CHECK(problems(with_step("postgres = \"SELECT 1\"\nexpect = { status = 200 }\n")).size() == 1);
}
