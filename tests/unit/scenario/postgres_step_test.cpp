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
    CHECK(postgres.sql.source == "SELECT id FROM meals WHERE user_id = $1 LIMIT 1");
    CHECK(postgres.database.source == "${postgres}");
    CHECK(postgres.parameters.at(0).source == "${data.id}");
    CHECK(postgres.prepared);
    CHECK(postgres.pipeline == 3);
    CHECK(postgres.statement_timeout == std::optional<squall::Duration>(2s));
    CHECK(postgres.rows == 3);
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
