// A scenario in which every key stands once. A new key is added here: the schema's test misses it otherwise.
#pragma once

#include <string>

namespace squall::scenario::testing {

inline const std::string every_key = R"toml(
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
target = { defects = ["pool_bypass"], pool = { min = 1, max = 2, idle_timeout = "2s" }, max_connections = 9, request_timeout = "3s", database = "postgres", program = "bin/t", notes = "n.sqlite", gc = "POST /debug/gc", port = 8, ready_timeout = "9s" }
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
[[probe]]
name = "container"
cgroup = "/sys/fs/cgroup/app"

[memory_classes]
target = { warning = "300MiB", critical = "400MB", emergency = "480MiB" }

[slo]
checks = ["error_rate < 1%", "response_time.p99 < 500ms", { check = "errors < 5", abort = true, after = "9s" }]

[profile.before]
extends = "base"
[profile.base]
duration = "1s"
)toml";

} // namespace squall::scenario::testing
