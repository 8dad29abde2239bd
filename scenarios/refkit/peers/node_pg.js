// The meal planner over the pool of node-postgres (pg.Pool), with node's own HTTP server.
// usage: node node_pg.js PORT      environment: DATABASE (URL), POOL_MAX, ACQUIRE_MS, IDLE_MS
"use strict";
const crypto = require("crypto");
const http = require("http");
const { Pool } = require("pg");

const pool = new Pool({
  connectionString: process.env.DATABASE,
  application_name: "node-pg",
  max: Number(process.env.POOL_MAX),
  connectionTimeoutMillis: Number(process.env.ACQUIRE_MS), // to get a connection, also by waiting
  idleTimeoutMillis: Number(process.env.IDLE_MS),
});
let dials = 0;
pool.on("connect", () => dials++);
pool.on("error", () => {}); // of an idle connection; without a listener the process ends

const key = crypto.randomBytes(32);
const signature = (id) => crypto.createHmac("sha256", key).update(id).digest("hex");

function userOf(request) {
  const [scheme, token] = (request.headers.authorization || "").split(" ");
  const [id, signed] = (token || "").split(".");
  return scheme === "Bearer" && signed === signature(id) ? id : null;
}

async function body(request) {
  let text = "";
  for await (const piece of request) text += piece;
  return JSON.parse(text);
}

async function login(request) {
  const { user, password } = await body(request);
  const { rows } = await pool.query("SELECT id, password FROM users WHERE name = $1", [user]);
  if (rows.length === 0 || rows[0].password !== password) return [401, { error: "wrong_user_or_password" }];
  return [200, { token: `${rows[0].id}.${signature(String(rows[0].id))}` }];
}

async function meals(request) {
  const user = userOf(request);
  if (user === null) return [401, { error: "unknown_token" }];
  const { rows } = await pool.query(
    "SELECT day, name, calories FROM meals WHERE user_id = $1 ORDER BY day LIMIT 50", [user]);
  return [200, { meals: rows }];
}

async function report(request, url) {
  const milliseconds = Number(url.searchParams.get("milliseconds"));
  await pool.query("SELECT pg_sleep($1::float8 / 1000)", [milliseconds]);
  return [200, { milliseconds }];
}

const status = () => ({
  max: pool.options.max, total: pool.totalCount, idle: pool.idleCount,
  acquired: pool.totalCount - pool.idleCount, waiters: pool.waitingCount, dials,
});

const routes = {
  "POST /login": login,
  "GET /meals": meals,
  "GET /report": report,
  "GET /health/ready": async () => (await pool.query("SELECT 1"), [200, { status: "ready" }]),
  "GET /debug/pool-status": async () => [200, status()],
};

http
  .createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    const route = routes[`${request.method} ${url.pathname}`];
    let answer;
    try {
      answer = route ? await route(request, url) : [404, { error: "not_found" }];
    } catch (error) {
      answer = [503, { error: error.message }];
    }
    const text = JSON.stringify(answer[1]);
    response.writeHead(answer[0], { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
    response.end(text);
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
