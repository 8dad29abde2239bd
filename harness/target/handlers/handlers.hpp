// One handler a file, named after its route.
#pragma once

#include "target/http.hpp"
#include "wire/task.hpp"

namespace squall::target {

struct Service;

/// {"user": …, "password": …} → 200 {"token": …}, 401, 400 for another body.
Task<Response> handle_login(Service& service, const Request& request);
/// The meals of the bearer token's user.
Task<Response> handle_meals(Service& service, const Request& request);
/// POST /meals {"day": 8, "name": …, "calories": …}: 200, the bearer token's user has it on that day from now on; 400
/// for another body.
Task<Response> handle_meals_add(Service& service, const Request& request);
/// GET /cached/{key}: 200 {"value": …, "hit": …} by way of Redis; 503 without one.
Task<Response> handle_cached(Service& service, const Request& request);
/// "/export?kilobytes=512": so much text, made by the database.
Task<Response> handle_export(Service& service, const Request& request);
/// GET /nested: takes a second connection of the pool while it holds the first.
Task<Response> handle_nested(Service& service, const Request& request);
/// "/report?milliseconds=20": a query that takes the database so long; at most a minute.
Task<Response> handle_report(Service& service, const Request& request);
/// POST /mcp: a message of MCP; 202 for a notification. "initialize" begins a session (Mcp-Session-Id); 404 for one
/// that is not known.
Task<Response> handle_mcp(Service& service, const Request& request);
/// DELETE /mcp: the session is over.
Task<Response> handle_mcp_end(Service& service, const Request& request);
/// 200 while the process runs.
Task<Response> handle_health_live(Service& service, const Request& request);
/// 200 when the database answers through the pool, and Redis where there is one; else 503.
Task<Response> handle_health_ready(Service& service, const Request& request);
/// The pool's utilisation and its class.
Task<Response> handle_health_database(Service& service, const Request& request);
Task<Response> handle_health_memory(Service& service, const Request& request);
/// Every number of the pool, and the connections outside it.
Task<Response> handle_pool_status(Service& service, const Request& request);
/// Prometheus text format 0.0.4.
Task<Response> handle_metrics(Service& service, const Request& request);

} // namespace squall::target
