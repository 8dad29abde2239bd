// A file that uses every key, and the JSON Schema beside it.
#include "scenario/read_toml.hpp"
#include "support.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

using namespace squall::scenario;
using namespace squall::scenario::testing;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

const std::string every_key = R"toml(
name = "everything"
duration = "60s"
primer = "5s"
warm_up = "3s"
quiesce = "6s"
grace = "1s500ms"
leak_check = "standard"
production_rate = "12/s"
declared_caps = { "postgres.connections" = 100, "web.rss" = "200MiB" }
seed = 7
allow_hosts = ["staging.example.com"]
variables = { page = 3, key = "${uuid}" }
endpoints = { api = "http://127.0.0.1:8080" }
tls = { verify = false, ca_file = "ca.pem" }

[stack]
postgres = { max_connections = 120, settings = { work_mem = "4MB", jit = false }, init = ["a.sql"], port = 5555, ready_timeout = "9s" }
pgbouncer = { pool_mode = "session", max_client_conn = 200, default_pool_size = 9, settings = { query_timeout = 5 }, port = 6, ready_timeout = "9s" }
redis = { settings = { maxmemory = "64mb" }, port = 7, ready_timeout = "9s" }
target = { defects = ["pool_bypass"], pool = { min = 1, max = 2, acquire_timeout = "1s", idle_timeout = "2s" }, max_connections = 9, request_timeout = "3s", database = "postgres", program = "bin/t", notes = "n.sqlite", gc = "POST /debug/gc", port = 8, ready_timeout = "9s" }
service.mcp = { command = "serve", stdio = true }
service.web = { command = "node server.js", ready = "tcp://127.0.0.1:${port}", url = "http://127.0.0.1:${port}/v1", environment = { DB = "${postgres}" }, working_directory = "web", stop_grace = "1s", gc = "SIGUSR2", port = 9, ready_timeout = "9s" }

[[user]]
name = "closed"
arrival = { closed = 3, ramp = "1s" }
think = "1s..3s"
data = { file = "users.csv", order = "unique" }
variables = { mine = "${page}" }
connection = "per_iteration"
cookies = false
  [[user.step]]
  name = "login"
  http = "POST ${api}/login"
  headers = { authorization = "Bearer ${key}" }
  json = { user = "${data.name}" }
  timeout = "2s"
  follow_redirects = 2
  expect = { status = "2xx", headers = { etag = "." }, body = "ok", json = { "/a" = { equals = 1 }, "/b" = { matches = "b" }, "/c" = "present" } }
  save = { token = "json:/token" }
  [[user.step]]
  http = "POST ${api}/form"
  form = { a = "b" }
  [[user.step]]
  http = "POST ${api}/body"
  body = "c"
[[user]]
name = "wandering"
arrival = { closed = 3 }
  [[user.step]]
  group = "several"
    [[user.step.step]]
    http = "GET ${api}/slow"
    on_error = "continue"
    on_timeout = { poll = "GET ${api}/late" }
  [[user.step]]
  repeat = 3
  while = "${mine} != done"
    [[user.step.step]]
    pause = "1s..2s"
  [[user.step]]
  if = "${mine}"
  else = [{ end = "iteration" }]
    [[user.step.step]]
    http = "GET ${api}/"
      [[user.step.step.on_error]]
      http = "GET ${api}/why"
  [[user.step]]
  http = "GET ${api}/"
  on_error = { poll = "GET ${api}/late", headers = { a = "b" }, every = "1s", for = "3s", expect = { status = 200, headers = { a = "b" }, body = "c", json = { "/a" = { equals = 1 }, "/b" = { matches = "b" } } } }
  on_timeout = "continue"
  [[user.step]]
    [[user.step.choose]]
    name = "often"
    weight = 3
    step = [{ http = "GET ${api}/often" }]
    [[user.step.choose]]
    step = [{ end = "iteration" }]
  [[user.step]]
  pause = "1s"
  [[user.step]]
  http = "POST ${api}/a"
  slow_write = { bytes = 1, every = "1s", for = "3s" }
  [[user.step]]
  http = "GET ${api}/b"
  slow_read = { bytes = 1, every = "1s", for = "3s" }

  [[user.step]]
  name = "basket"
  redis = [["SADD", "basket", "soup"], "SCARD basket"]
  pipeline = 2
  transaction = true
  server = "redis://127.0.0.1:6379"
  resp = 3
  connection = { shared = 4 }
  expect = { reply = { matches = "1" } }

  [[user.step]]
  name = "ping"
  redis = "PING"
  connection = "per_call"
  expect = { reply = { equals = "PONG" } }

  [[user.step]]
  name = "refused"
  redis = "LPUSH text x"
  expect = { error = "^WRONGTYPE" }

  [[user.step]]
  name = "news"
  subscribe = "news"
  messages = 3
  [[user.step]]
  http = "POST ${api}/c"
  half_open = { bytes = 1, for = "3s" }
  [[user.step]]
  postgres = "SELECT $1"
  database = "${db}"
  parameters = ["a", 1]
  prepared = true
  pipeline = 2
  statement_timeout = "1s"
  expect = { rows = 1 }
  save = { d = "column:d" }
  [[user.step]]
  postgres = ["SELECT 1", ["SELECT $1", 2]]
  connection = { shared = 4 }
  expect = { error = "a" }
  [[user.step]]
  postgres = "COPY t FROM STDIN"
  copy = { rows = 2, row = "a" }
  [[user.step]]
  listen = "jobs"
  notifications = 2
  payload = "a"
  database = "${db}"
  expect = { body = "a" }
  save = { e = "json:/e" }
  [[user.step]]
  postgres = { hoard = 5, for = "1s" }
  [[user.step]]
  postgres = { idle_in_transaction = "1s" }
  [[user.step]]
  postgres = { nested_acquire = "1s" }
  [[user.step]]
  postgres = { storm = "1s" }
  [[user.step]]
  rpc = "tools/call"
  server = "${api}/mcp"
  params = { name = "a" }
  headers = { a = "b" }
  expect = { json = { "/result" = "object" } }
  save = { r = "json:/result" }
  [[user.step]]
  rpc = "notifications/initialized"
  server = "mcp"
  notification = true
  [[user.step]]
  stop_server = "mcp"
  leave = { stop = 0.8, kill = 0.2 }
  [[user.step]]
  end = "iteration"
[[user]]
name = "talker"
arrival = { closed = 2 }
  [[user.step]]
  name = "room"
  ws = "ws://127.0.0.1:8080/rooms/1"
  headers = { origin = "http://127.0.0.1" }
  subprotocols = ["chat"]
  deflate = true
  hold = "2s..10s"
  say = { every = "500ms", text = "ping ${ws.id}", echo = true }
  ping = { every = "5s" }
  expect = { message = "hello", messages = 2 }
  leave = { normal = 0.7, abrupt = 0.2, vanish = 0.1 }
  reconnect = { attempts = 3, backoff = "50ms..1s" }
  [[user.step]]
  ws = "ws://127.0.0.1:8080/rooms/2"
  say = { json = { a = 1 } }
  [[user.step]]
  ws = "ws://127.0.0.1:8080/rooms/3"
  say = { binary = "abc" }
  [[user.step]]
  ws = "ws://127.0.0.1:8080/rooms/4"
  hold = "1s"
  reads = false
[[user]]
name = "open"
arrival = { rate = "2/s", distribution = "poisson", max_in_flight = 5 }
step = [{ http = "GET ${api}/" }]
[[user]]
name = "staged"
arrival = { stages = [{ for = "1s", users = 5 }] }
step = [{ http = "GET ${api}/" }]
[[user]]
name = "staged rates"
arrival = { stages = [{ for = "1s", rate = "5/s" }] }
step = [{ http = "GET ${api}/" }]
[[user]]
name = "spiked"
arrival = { closed = 3, spike = { users = 9, at = "1s", for = "2s" } }
step = [{ http = "GET ${api}/" }]
[[user]]
name = "spiked rate"
arrival = { rate = "3/s", spike = { rate = "9/s", at = "1s", for = "2s" } }
step = [{ http = "GET ${api}/" }]
[[user]]
name = "replayed"
arrival = { replay = "arrivals.csv" }
step = [{ http = "GET ${api}/" }]

[[setup]]
http = "POST ${api}/prepare"
save = { prepared = "json:/id" }
[[teardown]]
http = "DELETE ${api}/prepare/${prepared}"

[[probe]]
name = "pool"
every = "1s"
http_json = "${api}/pool"
gauges = { in_use = "/acquired" }
[[probe]]
name = "metrics"
prometheus = "${api}/metrics"
gauges = { up = "up{job=\"a\"}" }
[[probe]]
name = "locks"
files = "/tmp/*.lock"
[[probe]]
name = "other"
process = 1
[[probe]]
name = "db"
postgres = "${postgres}"
[[probe]]
name = "cache"
redis = "${redis}"

[slo]
checks = ["error_rate < 1%", "response_time.p99 < 500ms", { check = "errors < 5", abort = true, after = "9s" }]

[profile.before]
extends = "base"
[profile.base]
duration = "1s"
)toml";

/// With a sentence of its own, or one for each of the things that the key may be.
bool is_described(const json::object& schema)
{
    if (const auto* sentence = schema.if_contains("description")) {
        return !sentence->as_string().empty();
    }
    const auto& meanings = schema.at("anyOf").as_array();
    return std::all_of(meanings.begin(), meanings.end(),
                       [](const json::value& meaning) { return is_described(meaning.as_object()); });
}

/// The ways on which a schema's keys may be reached; only of the whole file, as profiles repeat it.
void schema_keys(const json::object& schema, const std::string& path, std::set<std::string>& keys,
                 const json::object& definitions)
{
    // Steps stand in steps without end: those of users are looked at, and what may follow them, once.
    const std::map<std::string, std::string> followed{{".user.step", "#/$defs/steps"},
                                                      {".user.step.on_error", "#/$defs/reaction"}};
    const auto* reference = schema.if_contains("$ref");
    const auto found = followed.find(path);
    if (reference != nullptr && found != followed.end() && reference->as_string() == found->second) {
        const auto name = found->second.substr(std::string_view("#/$defs/").size());
        schema_keys(definitions.at(name).as_object(), path, keys, definitions);
    }
    if (const auto* properties = schema.if_contains("properties")) {
        for (const auto& [key, value] : properties->as_object()) {
            const auto here = path + "." + std::string(key);
            keys.insert(here);
            CHECK(is_described(value.as_object()));
            if (here != ".profile") {
                schema_keys(value.as_object(), here, keys, definitions);
            }
        }
    }
    if (const auto* items = schema.if_contains("items")) {
        schema_keys(items->as_object(), path, keys, definitions);
    }
    if (const auto* more = schema.if_contains("additionalProperties"); more != nullptr && more->is_object()) {
        schema_keys(more->as_object(), path + ".*", keys, definitions);
    }
    if (const auto* either = schema.if_contains("anyOf")) {
        for (const auto& part : either->as_array()) {
            schema_keys(part.as_object(), path, keys, definitions);
        }
    }
}

/// The same ways of a document; keys that the schema leaves to the user are "*".
void document_keys(const Node& node, const std::string& path, const std::set<std::string>& known,
                   std::set<std::string>& keys)
{
    if (const auto* list = node.as<NodeList>()) {
        for (const auto& item : list->items) {
            document_keys(item, path, known, keys);
        }
    } else if (const auto* table = node.as<NodeTable>()) {
        for (const auto& entry : table->entries) {
            const auto named = path + "." + entry.key;
            const auto here = known.contains(named) ? named : path + ".*";
            keys.insert(here);
            document_keys(entry.value, here, known, keys);
        }
    }
}

json::object schema()
{
    return json::parse(json_schema()).as_object();
}

std::set<std::string> all_schema_keys()
{
    std::set<std::string> keys;
    const auto whole = schema();
    schema_keys(whole, "", keys, whole.at("$defs").as_object());
    return keys;
}

} // namespace

TEST_CASE("every key is read into its place")
{
    const auto scenario = parsed(every_key);
    CHECK(scenario.name == "everything");
    CHECK(scenario.duration == 60s);
    CHECK(scenario.primer == squall::Duration(5s));
    CHECK(scenario.quiesce == squall::Duration(6s));
    CHECK(scenario.grace == 1500ms);
    CHECK(scenario.seed == 7);
    CHECK(scenario.seed_given);
    CHECK(scenario.allow_hosts == std::vector<std::string>{"staging.example.com"});
    CHECK(scenario.variables.at("page").source == "3");
    CHECK(scenario.endpoints.at("api").source == "http://127.0.0.1:8080");
    CHECK_FALSE(scenario.tls.verify);
    CHECK(scenario.tls.ca_file == "ca.pem");
    CHECK(scenario.warm_up == 3s);
    CHECK(scenario.checks.size() == 3);
    CHECK(scenario.checks[1].expression == "response_time.p99 < 500ms");
    CHECK(scenario.checks[1].place.path == "slo.checks[#2]");
}

TEST_CASE("the stack is read into its specifications")
{
    const auto stack = parsed(every_key).stack;
    CHECK(stack.postgres->max_connections == 120);
    CHECK(stack.postgres->settings.at("work_mem") == "4MB");
    CHECK(stack.postgres->settings.at("jit") == "false");
    CHECK(stack.postgres->init == std::vector<std::string>{"a.sql"});
    CHECK(stack.postgres->port == 5555);
    CHECK(stack.postgres->ready_timeout == 9s);
    CHECK(stack.pgbouncer->pool_mode == "session");
    CHECK(stack.pgbouncer->default_pool_size == 9);
    CHECK(stack.redis->settings.at("maxmemory") == "64mb");
    CHECK(stack.target->database == "postgres");
    CHECK(stack.target->pool.idle_timeout == 2s);
    CHECK(stack.target->program == "bin/t");
    REQUIRE(stack.services.size() == 2);
    CHECK(stack.services[0].stdio);
    const auto& web = stack.services[1];
    CHECK(web.name == "web");
    CHECK(web.command == "node server.js");
    CHECK(web.url == "http://127.0.0.1:${port}/v1");
    CHECK(web.environment.at("DB") == "${postgres}");
    CHECK(web.working_directory == "web");
    CHECK(web.stop_grace == 1s);
    CHECK(web.place.path == "stack.service.web");
}

TEST_CASE("users and probes are read into theirs")
{
    const auto scenario = parsed(every_key);
    REQUIRE(scenario.users.size() == 9);
    const auto& user = scenario.users[0];
    CHECK(user.think.low == 1s);
    CHECK(user.think.high == 3s);
    CHECK(user.data->order == DataOrder::unique);
    CHECK(user.connection == Connection::per_iteration);
    CHECK_FALSE(user.cookies);
    CHECK(user.steps.size() == 3);
    CHECK(user.variables.at("mine").source == "${page}");
    REQUIRE(scenario.probes.size() == 6);
    CHECK(scenario.probes[0].every == 1s);
    CHECK(std::get<HttpJsonProbe>(scenario.probes[0].source).gauges.at("in_use") == "/acquired");
    CHECK(std::get<PrometheusProbe>(scenario.probes[1].source).gauges.at("up") == "up{job=\"a\"}");
    CHECK(std::get<FilesProbe>(scenario.probes[2].source).pattern.source == "/tmp/*.lock");
    CHECK(std::get<ProcessProbe>(scenario.probes[3].source).pid.source == "1");
    CHECK(std::get<PostgresProbe>(scenario.probes[4].source).url.source == "${postgres}");
    CHECK(std::get<RedisProbe>(scenario.probes[5].source).url.source == "${redis}");
}

TEST_CASE("an empty file is a scenario with the defaults and the name of the file")
{
    const auto scenario = parsed("");
    CHECK(scenario.name == "s");
    CHECK(scenario.duration == 30s);
    CHECK(scenario.grace == 5s);
    CHECK_FALSE(scenario.seed_given);
    CHECK_FALSE(scenario.primer.has_value());
    CHECK(scenario.stack.empty());
    CHECK(parsed("[stack]\nredis = {}\n").stack.redis.has_value());
}

TEST_CASE("every key of the schema is one that the parser takes, and the other way round")
{
    const auto document = read_toml(every_key, "s.toml");
    REQUIRE(std::holds_alternative<Node>(document));
    const auto known = all_schema_keys();
    std::set<std::string> used;
    document_keys(std::get<Node>(document), "", known, used);
    for (const auto& key : known) {
        INFO(key << " is in the schema and not in the file that the parser has read");
        CHECK(used.contains(key));
    }
}

TEST_CASE("the parser takes no key that the schema has not")
{
    // One unknown key in every table: if the parser took it, its problem would be missing.
    CHECK(
        problems("[stack]\npostgres = { q9 = 1 }\npgbouncer = { q9 = 1 }\nredis = { q9 = 1 }\n"
                 "target = { q9 = 1, pool = { q9 = 1 } }\nservice.a = { command = \"a\", q9 = 1 }\n[tls]\nq9 = 1\n"
                 "[slo]\nchecks = []\nq9 = 1\n[[probe]]\nname = \"p\"\nfiles = \"x\"\nq9 = 1\n[[user]]\nname = \"u\"\n"
                 "q9 = 1\narrival = { closed = 1, q9 = 1 }\ndata = { file = \"f\", q9 = 1 }\n[[user.step]]\n"
                 "http = \"GET ${api}/\"\nq9 = 1\nexpect = { q9 = 1 }\n")
            .size() == 14);
}

TEST_CASE("the schema closes every table and tells defaults, units and words")
{
    const auto whole = schema();
    CHECK(whole.at("$schema").as_string() == "https://json-schema.org/draft/2020-12/schema");
    CHECK_FALSE(whole.at("additionalProperties").as_bool());
    const auto& duration = whole.at("properties").at("duration").as_object();
    CHECK(duration.at("default").as_string() == "30s");
    CHECK(duration.contains("pattern"));
    CHECK_FALSE(whole.at("properties").at("primer").as_object().contains("default"));
    const auto& mode =
        whole.at("properties").at("stack").at("properties").at("pgbouncer").at("properties").at("pool_mode");
    CHECK(mode.at("enum") == json::value{"session", "transaction", "statement"});
    CHECK(mode.at("default").as_string() == "transaction");
    const auto& user = whole.at("properties").at("user").at("items").as_object();
    CHECK(user.at("required") == json::value{"name", "arrival", "step"});
    const auto& profile = whole.at("properties").at("profile").at("additionalProperties").as_object();
    CHECK(profile.at("properties").as_object().contains("extends"));
    CHECK_FALSE(profile.contains("required"));
}

TEST_CASE("the scenarios that come with the project have no problems")
{
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(SQUALL_SOURCE_DIR "/scenarios")) {
        if (entry.path().extension() != ".toml") {
            continue;
        }
        ++files;
        const auto plain = parse_file(entry.path().string(), {});
        auto names = plain.profiles;
        names.emplace_back();
        for (const auto& name : names) {
            for (const auto& problem : parse_file(entry.path().string(), with_profile(name)).problems) {
                FAIL_CHECK(to_string(problem));
            }
        }
    }
    CHECK(files >= 2);
}
