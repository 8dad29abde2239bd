#include "probes/cgroup.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <utility>

namespace squall::probes {
namespace {

using Member = std::optional<double> CgroupReading::*;
constexpr std::array<std::pair<const char*, Member>, 15> members{
    {{"cgroup_memory", &CgroupReading::memory},
     {"cgroup_memory_limit", &CgroupReading::memory_limit},
     {"cgroup_memory_high", &CgroupReading::memory_high},
     {"cgroup_working_set", &CgroupReading::working_set},
     {"cgroup_anon", &CgroupReading::anon},
     {"cgroup_file", &CgroupReading::file},
     {"cgroup_sock", &CgroupReading::sock},
     {"cgroup_slab", &CgroupReading::slab},
     {"cgroup_swap", &CgroupReading::swap},
     {"cgroup_pids", &CgroupReading::pids},
     {"cgroup_pids_limit", &CgroupReading::pids_limit},
     {"cgroup_high_events", &CgroupReading::high_events},
     {"ooms", &CgroupReading::ooms},
     {"oom_kills", &CgroupReading::oom_kills},
     {"cgroup_throttled_seconds", &CgroupReading::throttled_seconds}}};

class CgroupProbe final : public Probe {
public:
    CgroupProbe(std::string name, std::string folder) : name_(std::move(name)), folder_(std::move(folder)) {}

    const std::string& name() const override { return name_; }

    Task<ProbeReading> read(Instant /*deadline: the kernel does not wait*/) override { co_return look(); }

private:
    [[nodiscard]] ProbeReading look() const
    {
        std::error_code error;
        if (!std::filesystem::exists(folder_ + "/cgroup.procs", error)) {
            return failed_reading(fmt::format("{} is no control group, or is gone", folder_));
        }
        ProbeReading reading;
        add_cgroup_gauges(name_, read_cgroup({folder_, folder_, folder_}), reading.gauges);
        if (reading.gauges.empty()) {
            reading.failure = fmt::format("the control group {} tells neither memory nor processes", folder_);
        }
        return reading;
    }

    std::string name_;
    std::string folder_;
};

} // namespace

void add_cgroup_gauges(const std::string& name, const CgroupReading& reading, std::vector<GaugeReading>& gauges)
{
    for (const auto& [gauge, member] : members) {
        if (const auto& value = reading.*member) {
            gauges.push_back({fmt::format("{}.{}", name, gauge), *value});
        }
    }
}

std::vector<std::string> cgroup_gauge_names()
{
    std::vector<std::string> names;
    names.reserve(members.size());
    for (const auto& [gauge, member] : members) {
        names.emplace_back(gauge);
    }
    return names;
}

std::unique_ptr<Probe> make_cgroup_probe(std::string name, std::string folder)
{
    return std::make_unique<CgroupProbe>(std::move(name), std::move(folder));
}

} // namespace squall::probes
