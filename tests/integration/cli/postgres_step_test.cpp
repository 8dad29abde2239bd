// The claim: a scenario speaks to a managed PostgreSQL and PgBouncer: parameters, prepared statements, pipelines,
// transactions over several steps, what rows give to later steps; what is left open is rolled back.
#include "squall_process.hpp"

#include "catch.hpp"

using namespace squall;
using namespace squall::cli::test;

namespace {

constexpr const char* journey = R"toml(name = "journey"
primer = "0s"
duration = "2s"
quiesce = "0s"
grace = "1s"
[stack]
postgres = { max_connections = 30, init = ["tables.sql"] }
pgbouncer = { pool_mode = "transaction" }
[[user]]
name = "cook"
arrival = { closed = 3 }
think = "5ms"
  [[user.step]]
  name = "begin"
  postgres = "BEGIN"
  [[user.step]]
  name = "insert"
  postgres = "INSERT INTO meals (name) VALUES ($1) RETURNING id"
  parameters = ["it's ${uuid}"]
  prepared = true
  expect = { rows = 1 }
  save = { id = "column:id" }
  [[user.step]]
  name = "commit"
  postgres = "COMMIT"
  [[user.step]]
  name = "read back"
  postgres = "SELECT name FROM meals WHERE id = $1 AND name LIKE 'it''s %'"
  parameters = ["${id}"]
  pipeline = 3
  expect = { rows = 3 }
  [[user.step]]
  name = "left open"
  postgres = "BEGIN; INSERT INTO meals (name) VALUES ('never')"
[[user]]
name = "pooled"
arrival = { closed = 2 }
connection = "per_iteration"
think = "5ms"
  [[user.step]]
  name = "pooled"
  postgres = "SELECT 1 AS one WHERE NOT EXISTS (SELECT FROM meals WHERE name = 'never')"
  database = "${pgbouncer}"
  expect = { rows = 1 }
[[user]]
name = "wrong"
arrival = { rate = "5/s" }
  [[user.step]]
  name = "unknown"
  postgres = "SELECT * FROM no_such_table"
[slo]
checks = [
  "error_rate[begin] == 0%", "error_rate[insert] == 0%", "error_rate[commit] == 0%", "error_rate[read back] == 0%",
  "error_rate[left open] == 0%", "error_rate[pooled] == 0%", "error_rate[unknown] == 100%", "errors[query] > 4",
]
)toml";

constexpr const char* exchange = R"toml(name = "language"
primer = "0s"
duration = "2s"
quiesce = "0s"
grace = "1s"
[stack]
postgres = { max_connections = 30, init = ["tables.sql"] }
[[user]]
name = "copier"
arrival = { closed = 2 }
think = "5ms"
  [[user.step]]
  name = "in"
  postgres = "COPY meals (name) FROM STDIN (FORMAT csv)"
  copy = { rows = 1000, row = "meal ${uuid}" }
  expect = { rows = 1000 }
  [[user.step]]
  name = "out"
  postgres = "COPY (SELECT name FROM meals LIMIT 500) TO STDOUT"
  expect = { rows = 500 }
  [[user.step]]
  name = "refused"
  postgres = ["SELECT 1", "INSERT INTO meals (name) VALUES (NULL)"]
  expect = { error = "statement 2 of 2: .*SQLSTATE 23502" }
  [[user.step]]
  name = "pipe"
  postgres = [["INSERT INTO meals (name) VALUES ($1)", "${uuid}"], "SELECT 1 AS one"]
  prepared = true
  expect = { rows = 2 }
  save = { one = "column:one" }
[[user]]
name = "listener"
arrival = { closed = 2 }
  [[user.step]]
  name = "subscribe"
  listen = "jobs"
  notifications = 0
  [[user.step]]
  name = "tell"
  postgres = ["SELECT pg_notify('jobs', '{\"id\": 7}')", "SELECT 1"]
  connection = { shared = 2 }
  [[user.step]]
  name = "told"
  listen = "jobs"
  timeout = "1s"
  payload = "7"
  expect = { body = "id" }
  save = { id = "json:/id" }
[[user]]
name = "sharer"
arrival = { closed = 20 }
think = "1ms"
  [[user.step]]
  name = "begin"
  postgres = "BEGIN"
  connection = { shared = 3 }
  [[user.step]]
  name = "insert"
  postgres = "INSERT INTO meals (name) VALUES ('x') RETURNING txid_current_if_assigned() AS tx"
  connection = { shared = 3 }
  save = { tx = "column:tx" }
  [[user.step]]
  name = "same"
  postgres = "SELECT 1 WHERE txid_current() = ${tx}"
  connection = { shared = 3 }
  expect = { rows = 1 }
  [[user.step]]
  name = "commit"
  postgres = "COMMIT"
  connection = { shared = 3 }
[slo]
checks = ["error_rate == 0%", "gauge[postgres.connections].max < 12"]
)toml";

} // namespace

TEST_CASE("rows are copied, notifications are waited for, and connections shared, over PostgreSQL")
{
    Workplace place;
    place.write("exchange.toml", exchange);
    place.write("tables.sql", "CREATE TABLE meals (id bigserial PRIMARY KEY, name text NOT NULL);\n");
    const auto ended = place.squall({"run", "exchange.toml", "--out", "out", "--quiet"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 0);
    CHECK(ended.out.find("blocked") != std::string::npos); // twenty users had three connections
}

TEST_CASE("a journey over PostgreSQL and PgBouncer")
{
    Workplace place;
    place.write("journey.toml", journey);
    place.write("tables.sql", "CREATE TABLE meals (id bigserial PRIMARY KEY, name text NOT NULL);\n");
    const auto ended = place.squall({"run", "journey.toml", "--out", "out", "--quiet"});
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 0);
    CHECK(ended.out.find("relation \"no_such_table\" does not exist (SQLSTATE 42P01)") != std::string::npos);
}

TEST_CASE("what is wrong with a step over PostgreSQL is said at its place")
{
    Workplace place;
    place.write("wrong.toml", R"toml(name = "wrong"
[stack]
postgres = {}
[[user]]
name = "u"
arrival = { closed = 1 }
  [[user.step]]
  postgres = { hoard = 5 }
  [[user.step]]
  postgres = { storm = "1s" }
  prepared = true
  [[user.step]]
  postgres = "SELECT ${random.int(1,9)}"
  prepared = true
  [[user.step]]
  postgres = "SELECT 1"
  database = "postgresql://me:hush@db.example.com/x"
  [[user.step]]
  postgres = "SELECT 1"
  save = { id = "json:/id" }
)toml");
    const auto ended = place.squall({"check", "wrong.toml"});
    INFO(ended.err);
    CHECK(ended.exit_code == 1);
    for (const auto* words : {"wrong.toml:8", "prepared belongs to a step with SQL", "expected \"column:name\""}) {
        CHECK(ended.err.find(words) != std::string::npos);
    }
    CHECK(ended.err.find("hush") == std::string::npos);
}
