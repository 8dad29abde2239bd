#include "target/handlers/handlers.hpp"
#include "target/kit_statistics.hpp"
#include "target/process_usage.hpp"
#include "target/prometheus_text.hpp"
#include "target/service.hpp"

namespace squall::target {
namespace {

using Sources = std::vector<LabelledStatistics>;

/// The histogram of the times that callers waited; a metric of its own type.
void write_acquire_durations(PrometheusText& out, const std::vector<DatabasePools::NamedStats>& pools)
{
    constexpr std::string_view name = "pool_acquire_duration_seconds";
    out.family(name, "histogram", "Time that callers waited for their connection.");
    for (const auto& [tier, stats] : pools) {
        PrometheusText::Histogram histogram{{}, to_seconds(stats.acquire_duration), stats.acquire_durations.count()};
        for (std::size_t bucket = 0; bucket < refkit::AcquireHistogram::bounds.size(); ++bucket) {
            histogram.buckets.emplace_back(to_seconds(refkit::AcquireHistogram::bounds[bucket]),
                                           stats.acquire_durations.at_most(bucket));
        }
        out.histogram(name, {{"tier", std::string(tier)}}, histogram);
    }
}

void write_pools(PrometheusText& out, const Service& service)
{
    const auto pools = service.database.stats();
    Sources sources;
    for (const auto& [tier, stats] : pools) {
        sources.push_back({{{"tier", std::string(tier)}}, statistics_of(stats)});
    }
    write_metrics(out, "pool_", sources);
    write_acquire_durations(out, pools);
    if (const auto* pool = service.redis.pool()) {
        write_metrics(out, "redis_pool_", {{{}, statistics_of(pool->stats())}});
    }
}

void write_guards(PrometheusText& out, const Service& service)
{
    Sources breakers;
    if (const auto* breaker = service.database.breaker()) {
        breakers.push_back({{{"guards", "postgres"}}, statistics_of(breaker->stats())});
    }
    if (const auto* breaker = service.redis.breaker()) {
        breakers.push_back({{{"guards", "redis"}}, statistics_of(breaker->stats())});
    }
    write_metrics(out, "breaker_", breakers);
    if (const auto* shedder = service.gate.shedder()) {
        write_metrics(out, "shedder_", {{{}, statistics_of(shedder->stats())}});
    }
    if (const auto* limit = service.gate.rate_limit()) {
        write_metrics(out, "rate_limit_", {{{}, statistics_of(limit->stats())}});
    }
    if (const auto* limit = service.gate.concurrency_limit()) {
        write_metrics(out, "concurrency_limit_", {{{}, statistics_of(limit->stats())}});
    }
    if (service.near_cache.wanted()) {
        write_metrics(out, "cache_", {{{}, statistics_of(service.near_cache.stats())}});
    }
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
    write_pools(out, service);
    write_guards(out, service);
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
