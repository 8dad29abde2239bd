// [[probe]]: gauges besides those that the managed stack brings.
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

template <typename Source>
Fields<Probe> source_keys()
{
    return Fields<Probe>([](Probe& probe) { probe.source = Source{}; });
}

/// Accessor of a member of the source that the key has chosen.
template <typename Source, typename Member>
auto of_source(Member Source::*member)
{
    return [member](Probe& probe) -> Member& { return std::get<Source>(probe.source).*member; };
}

Fields<Probe> http_json_keys()
{
    auto fields = source_keys<HttpJsonProbe>();
    fields.required("http_json", "The URL of a JSON document.", of_source(&HttpJsonProbe::url), template_text());
    fields.required("gauges",
                    "Name of a gauge → where its number stands, a JSON pointer; a part * stands for every member.",
                    of_source(&HttpJsonProbe::gauges), map_of(json_pointer(), identifier_key()));
    return fields;
}

Fields<Probe> prometheus_keys()
{
    auto fields = source_keys<PrometheusProbe>();
    fields.required("prometheus", "The URL of a page in the Prometheus text format.", of_source(&PrometheusProbe::url),
                    template_text());
    fields.required("gauges",
                    "Name of a gauge → metric, with {label=\"value\"} where wanted, and by (label) for its parts.",
                    of_source(&PrometheusProbe::gauges), map_of(text_of("the name of a metric"), identifier_key()));
    return fields;
}

Fields<Probe> files_keys()
{
    auto fields = source_keys<FilesProbe>();
    fields.required("files", "A pattern such as \"/tmp/app/*.lock\"; the gauges are count and bytes.",
                    of_source(&FilesProbe::pattern), template_text());
    return fields;
}

Fields<Probe> process_keys()
{
    auto fields = source_keys<ProcessProbe>();
    fields.required("process", "The number of a process; the gauges are rss, fds, threads and the like.",
                    of_source(&ProcessProbe::pid), template_scalar());
    return fields;
}

Fields<Probe> postgres_keys()
{
    auto fields = source_keys<PostgresProbe>();
    fields.required("postgres", "The URL of a PostgreSQL whose pg_stat_activity is read.",
                    of_source(&PostgresProbe::url), template_text());
    return fields;
}

Fields<Probe> redis_keys()
{
    auto fields = source_keys<RedisProbe>();
    fields.required("redis", "The URL of a Redis whose INFO and CLIENT LIST are read.", of_source(&RedisProbe::url),
                    template_text());
    return fields;
}

Fields<Probe> cgroup_keys()
{
    auto fields = source_keys<CgroupProbe>();
    fields.required("cgroup", "The folder of a control group, such as that of a container, below /sys/fs/cgroup.",
                    of_source(&CgroupProbe::folder), template_text());
    return fields;
}

} // namespace

ShapePtr<std::vector<Probe>> probes_shape()
{
    Fields<Probe> common;
    common.required("name", "The gauges are called name.gauge.", &Probe::name, identifier());
    common.optional("every", "The time between two readings.", &Probe::every, positive_duration());
    auto shape = table<Probe>("a table with a name and a source", common);
    shape->choose_one("source", {http_json_keys(), prometheus_keys(), files_keys(), process_keys(), postgres_keys(),
                                 redis_keys(), cgroup_keys()});
    return named_list_of(Naming{"probe", "probe", true, name_key}, ShapePtr<Probe>(shape));
}

} // namespace squall::scenario
