#include "target/handlers/handlers.hpp"
#include "target/process_usage.hpp"
#include "target/prometheus_text.hpp"
#include "target/service.hpp"

namespace squall::target {
namespace {

void write_pool(PrometheusText& out, const refkit::PoolStats& stats)
{
    const auto states = {std::pair("idle", stats.idle),
                         std::pair("acquired", stats.acquired),
                         std::pair("constructing", stats.constructing),
                         std::pair("validating", stats.validating),
                         std::pair("resetting", stats.resetting),
                         std::pair("closing", stats.closing)};
    out.family("pool_connections", "gauge", "Connections of the pool by state.");
    for (const auto& [state, count] : states) {
        out.sample("pool_connections", {{"state", state}}, static_cast<double>(count));
    }
    out.single("pool_max_connections", "gauge", "Connections the pool may hold.", static_cast<double>(stats.max));
    out.single("pool_waiters", "gauge", "Callers waiting for a connection.", static_cast<double>(stats.waiters));
    const auto counter = [&out](std::string_view name, std::string_view help, std::uint64_t value) {
        out.single(name, "counter", help, static_cast<double>(value));
    };
    counter("pool_acquires_total", "Callers that got a connection.", stats.acquire_count);
    out.single("pool_acquire_seconds_total", "counter", "Time they waited.", to_seconds(stats.acquire_duration));
    counter("pool_empty_acquires_total", "Callers that had to wait for one.", stats.empty_acquire_count);
    counter("pool_canceled_acquires_total", "Callers that went away.", stats.canceled_acquire_count);
    counter("pool_acquire_timeouts_total", "Callers whose deadline passed.", stats.timeouts);
    counter("pool_rejected_acquires_total", "Callers that the pool refused.", stats.rejected);
    counter("pool_dials_total", "Connections dialed.", stats.dials);
    counter("pool_failed_dials_total", "Dials that failed.", stats.failed_dials);
    counter("pool_idle_closed_total", "Connections closed by the idle timeout.", stats.idle_closed);
}

void write_direct(PrometheusText& out, const DirectConnections& direct)
{
    out.family("direct_connections_opened_total", "counter", "Connections opened outside the pool.");
    for (const auto& [site, count] : direct.by_site()) {
        out.sample("direct_connections_opened_total", {{"site", site}}, static_cast<double>(count->opened));
    }
    out.family("direct_connections", "gauge", "Connections outside the pool that are open.");
    for (const auto& [site, count] : direct.by_site()) {
        out.sample("direct_connections", {{"site", site}}, static_cast<double>(count->open));
    }
}

void write_requests(PrometheusText& out, const RequestCounters& requests)
{
    const auto labels = [](const RequestCounters::Key& key) {
        return PrometheusText::Labels{{"route", key.first}, {"status", std::to_string(key.second)}};
    };
    out.family("http_requests_total", "counter", "Requests answered.");
    for (const auto& [key, count] : requests.counts()) {
        out.sample("http_requests_total", labels(key), static_cast<double>(count.answered));
    }
    out.family("http_request_duration_seconds", "summary", "Time from a request's last byte to its answer.");
    for (const auto& [key, count] : requests.counts()) {
        out.sample("http_request_duration_seconds_sum", labels(key), to_seconds(count.time));
        out.sample("http_request_duration_seconds_count", labels(key), static_cast<double>(count.answered));
    }
}

void write_rooms(PrometheusText& out, const Rooms& rooms)
{
    const auto& counters = rooms.counters();
    out.single("websocket_sockets", "gauge", "Entries of the registry.", static_cast<double>(rooms.sockets()));
    out.single("websocket_rooms", "gauge", "Rooms with members.", static_cast<double>(rooms.rooms()));
    out.single("websocket_queued_bytes", "gauge", "Bytes that wait to be sent to members.",
               static_cast<double>(counters.queued_bytes));
    out.single("websocket_messages_received_total", "counter", "Messages of members.",
               static_cast<double>(counters.messages_in));
    out.single("websocket_messages_sent_total", "counter", "Messages to members.",
               static_cast<double>(counters.messages_out));
    out.single("websocket_refused_total", "counter", "Sockets refused at a limit.",
               static_cast<double>(counters.refused));
    out.family("websocket_dropped_total", "counter", "Members dropped, by reason.");
    out.sample("websocket_dropped_total", {{"reason", "silent"}}, static_cast<double>(counters.dropped_silent));
    out.sample("websocket_dropped_total", {{"reason", "slow"}}, static_cast<double>(counters.dropped_slow));
}

void write_process(PrometheusText& out, const ProcessUsage& usage)
{
    out.single("process_resident_memory_bytes", "gauge", "Resident memory.", static_cast<double>(usage.resident.bytes));
    out.single("process_virtual_memory_bytes", "gauge", "Virtual memory.",
               static_cast<double>(usage.virtual_memory.bytes));
    out.single("process_open_fds", "gauge", "Open file descriptors.", static_cast<double>(usage.open_fds));
    out.single("process_max_fds", "gauge", "File descriptors allowed.", static_cast<double>(usage.max_fds));
    out.single("process_threads", "gauge", "Threads.", static_cast<double>(usage.threads));
    out.single("process_cpu_seconds_total", "counter", "User and system CPU time.", to_seconds(usage.cpu));
}

} // namespace

Task<Response> handle_metrics(Service& service, const Request& /*request*/)
{
    PrometheusText out;
    write_pool(out, service.pool.stats());
    write_direct(out, service.direct);
    write_requests(out, service.requests);
    write_rooms(out, service.rooms);
    write_process(out, read_process_usage());
    co_return Response{.status = http::status::ok,
                       .content_type = "text/plain; version=0.0.4; charset=utf-8",
                       .body = out.text(),
                       .allow = {}};
}

} // namespace squall::target
