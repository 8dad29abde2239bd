#include "analysis/series.hpp"
#include "analysis/amount.hpp"

#include "catch.hpp"

namespace squall::analysis {

TEST_CASE("the name of a gauge says whether it counts or measures memory")
{
    for (const auto* name : {"target.rss", "api.vms", "api.pss", "files.bytes", "redis.used_memory",
                             "redis.used_memory_rss", "api.heap_bytes", "api.memory", "api.rss{pid=7}", "api.rss_anon",
                             "api.uss", "api.private_dirty", "api.swap", "api.cgroup_anon", "api.cgroup_working_set",
                             "redis.used_memory_dataset", "redis.client_memory", "postgres.temp_bytes"}) {
        INFO(name);
        CHECK(kind_of(name) == GaugeKind::memory);
    }
    for (const auto* name : {"postgres.connections",
                             "postgres.connections{user=rss}",
                             "target.fds",
                             "target.threads",
                             "pool.in_use",
                             "rss.connections",
                             "files.count",
                             "api.fds{type=socket}",
                             "api.files{path=/tmp/*.part}",
                             "api.locks",
                             "api.sockets{state=close_wait}",
                             "api.unix_sockets",
                             "api.inotify_watches",
                             "postgres.temp_files",
                             "postgres.locks{type=advisory}",
                             "postgres.prepared_transactions",
                             "redis.keys{db=0}",
                             "api.cgroup_pids",
                             "target.direct_connections{site=login.cpp:33}",
                             "target.pool_acquired",
                             "redis.pubsub_channels"}) {
        INFO(name);
        CHECK(kind_of(name) == GaugeKind::count);
    }
    for (const auto* name : {"target.cpu",
                             "redis.total_connections_received",
                             "redis.evicted_keys",
                             "cache.hit_ratio",
                             "api.requests_total",
                             "api.started_at",
                             "api.vms_per_rss",
                             "api.memory_class",
                             "api.cgroup_memory",
                             "api.cgroup_file",
                             "api.cgroup_memory_limit",
                             "api.cgroup_pids_limit",
                             "api.oom_kills",
                             "api.cgroup_high_events",
                             "api.cgroup_throttled_seconds",
                             "postgres.wal_bytes",
                             "redis.maxmemory",
                             "redis.memory_ratio",
                             "redis.fragmentation_ratio",
                             "redis.expired_keys",
                             "api.sockets{state=time_wait}",
                             "api.sockets{state=fin_wait2}"}) {
        INFO(name);
        CHECK(kind_of(name) == GaugeKind::other);
    }
}

TEST_CASE("points between two moments include the first and not the second")
{
    const std::vector<GaugePoint> points{{1, 10}, {2, 20}, {3, 30}};
    CHECK(points_between(points, 1, 3).size() == 2);
    CHECK(points_between(points, 1.5, 10).front().value == 20);
    CHECK(points_between(points, 4, 5).empty());
    CHECK(points_between({}, 0, 5).empty());
}

TEST_CASE("a phase is found by its kind")
{
    const std::vector<PhaseSpan> phases{{measure::Phase::load, 3, 9}, {measure::Phase::quiesce, 9, 12}};
    REQUIRE(find_phase(phases, measure::Phase::quiesce));
    CHECK(find_phase(phases, measure::Phase::quiesce)->begin == 9);
    CHECK_FALSE(find_phase(phases, measure::Phase::primer));
}

TEST_CASE("amounts read like what they count")
{
    CHECK(format_amount(GaugeKind::count, 217) == "217");
    CHECK(format_amount(GaugeKind::count, 36000) == "36,000");
    CHECK(format_amount(GaugeKind::count, -3) == "-3");
    CHECK(format_amount(GaugeKind::memory, 12.0 * 1024 * 1024) == "12.0 MiB");
    CHECK(format_amount(GaugeKind::memory, -2048) == "-2.0 KiB");
}

} // namespace squall::analysis
