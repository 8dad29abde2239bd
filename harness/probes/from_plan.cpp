#include "probes/from_plan.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"
#include "probes/cgroup.hpp"
#include "probes/files.hpp"
#include "probes/http_json.hpp"
#include "probes/postgres.hpp"
#include "probes/process.hpp"
#include "probes/prometheus.hpp"
#include "probes/redis.hpp"
#include "wire/postgres_parameters.hpp"
#include "wire/redis_address.hpp"

#include <charconv>

namespace squall::probes {
namespace {

/// A folder's name as a glob pattern that matches it alone.
std::string literal(std::string_view folder)
{
    std::string pattern;
    for (const char letter : folder) {
        if (std::string_view("*?[]\\").find(letter) != std::string_view::npos) {
            pattern += '\\';
        }
        pattern += letter;
    }
    return pattern;
}

/// One overload a kind of source.
struct Maker {
    const std::string& name;
    const ProbeSurroundings& surroundings;

    Result<std::unique_ptr<Probe>> operator()(const scenario::HttpJsonProbe& source) const
    {
        const auto url = expand(source.url);
        if (!url) {
            return url.error();
        }
        return make_http_json_probe(name, *url, source.gauges, surroundings.verify_tls);
    }

    Result<std::unique_ptr<Probe>> operator()(const scenario::PrometheusProbe& source) const
    {
        const auto url = expand(source.url);
        if (!url) {
            return url.error();
        }
        return make_prometheus_probe(name, *url, source.gauges, surroundings.verify_tls);
    }

    Result<std::unique_ptr<Probe>> operator()(const scenario::FilesProbe& source) const
    {
        const auto pattern = expand(source.pattern);
        if (!pattern) {
            return pattern.error();
        }
        if (pattern->starts_with('/')) {
            return make_files_probe(name, *pattern);
        }
        return make_files_probe(name, literal(surroundings.base_directory.string()) + "/" + *pattern);
    }

    Result<std::unique_ptr<Probe>> operator()(const scenario::ProcessProbe& source) const
    {
        const auto text = expand(source.pid);
        if (!text) {
            return text.error();
        }
        const auto digits = trim(*text);
        pid_t pid = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), pid);
        if (error != std::errc{} || end != digits.data() + digits.size() || pid <= 0) {
            return fail("probe {}: \"{}\" is not a process id; expected a number above 0", name, *text);
        }
        return make_process_probe(name, pid, *surroundings.clock, {ProcessScope::tree, surroundings.memory_classes});
    }

    Result<std::unique_ptr<Probe>> operator()(const scenario::PostgresProbe& source) const
    {
        const auto url = expand(source.url);
        if (!url) {
            return url.error();
        }
        const auto parsed = wire::parse_conninfo(*url);
        if (!parsed) {
            return fail("probe {}: {}", name, parsed.error().message);
        }
        return make_postgres_probe(name, *url, *surroundings.clock);
    }

    Result<std::unique_ptr<Probe>> operator()(const scenario::RedisProbe& source) const
    {
        const auto url = expand(source.url);
        if (!url) {
            return url.error();
        }
        const auto parsed = wire::parse_redis_url(*url);
        if (!parsed) {
            return fail("probe {}: {}", name, parsed.error().message);
        }
        return make_redis_probe(name, *url);
    }

    Result<std::unique_ptr<Probe>> operator()(const scenario::CgroupProbe& source) const
    {
        const auto folder = expand(source.folder);
        if (!folder) {
            return folder.error();
        }
        if (!folder->starts_with('/')) {
            return fail("probe {}: \"{}\" is not the whole path of a control group; write for example "
                        "\"/sys/fs/cgroup/system.slice/app.service\"",
                        name, *folder);
        }
        return make_cgroup_probe(name, *folder);
    }

    [[nodiscard]] Result<std::string> expand(const scenario::Template& text) const
    {
        auto expanded = surroundings.expand(text);
        if (!expanded) {
            return fail("probe {}: {}", name, expanded.error().message);
        }
        return expanded;
    }
};

} // namespace

Result<std::unique_ptr<Probe>> from_plan(const plan::Probe& planned, const ProbeSurroundings& surroundings)
{
    SQUALL_ASSERT(surroundings.expand && surroundings.clock != nullptr);
    return std::visit(Maker{planned.name, surroundings}, planned.source);
}

} // namespace squall::probes
