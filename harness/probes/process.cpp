#include "probes/process.hpp"

#include "probes/gauge_name.hpp"
#include "probes/memory_class.hpp"
#include "probes/open_files.hpp"
#include "probes/process_details.hpp"
#include "probes/process_tree.hpp"
#include "probes/sparingly.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include <utility>

namespace squall::probes {
namespace {

struct Sums {
    double rss = 0;
    double rss_anon = 0;
    double vms = 0;
    double threads = 0;
    double cpu_seconds = 0;
    double fds = 0;
    bool fds_known = true;
    bool anon_known = true;
};

/// A part of the tree that is not ours to see leaves no sum; one that has ended since counts nothing.
template <typename Value>
void add_part(pid_t pid, const std::optional<Value>& part, double& sum, bool& known)
{
    if (part) {
        sum += static_cast<double>(*part);
    } else if (read_proc_stat(pid)) {
        known = false;
    }
}

Sums sum(const std::vector<TreeProcess>& tree)
{
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    Sums sums;
    for (const auto& [pid, stat] : tree) {
        sums.rss += static_cast<double>(stat.rss_bytes);
        sums.vms += static_cast<double>(stat.vms_bytes);
        sums.threads += static_cast<double>(stat.threads);
        sums.cpu_seconds += stat.cpu_seconds;
        if (stat.state != 'Z') {
            const auto pages = read_proc_file(pid, "statm");
            add_part(pid, pages ? parse_anonymous_bytes(*pages, page) : std::nullopt, sums.rss_anon, sums.anon_known);
            add_part(pid, count_open_files(pid), sums.fds, sums.fds_known);
        }
    }
    return sums;
}

class ProcessProbe final : public Probe {
public:
    ProcessProbe(std::string name, pid_t pid, const Clock& clock, ProcessOptions options)
        : name_(std::move(name)),
          pid_(pid),
          clock_(clock),
          options_(options),
          thresholds_(options.memory_classes),
          details_(name_)
    {
        const auto stat = read_proc_stat(pid);
        if (stat) {
            start_ticks_ = stat->start_ticks;
        }
    }

    const std::string& name() const override { return name_; }

    Task<ProbeReading> read(Instant /*deadline: /proc does not wait*/) override { co_return look(); }

private:
    [[nodiscard]] bool is_same(const ProcStat& stat) const
    {
        return start_ticks_ && stat.start_ticks == *start_ticks_ && stat.state != 'Z' && stat.state != 'X';
    }

    /// Or it is we who cannot look, for want of a descriptor.
    [[nodiscard]] ProbeReading ended() const
    {
        const bool there = !read_proc_stat(pid_) && (kill(pid_, 0) == 0 || errno == EPERM);
        return failed_reading(there ? fmt::format("/proc/{} cannot be read", pid_)
                                    : fmt::format("process {} has ended", pid_));
    }

    [[nodiscard]] std::vector<TreeProcess> members() const
    {
        if (options_.scope == ProcessScope::tree) {
            return process_tree(pid_);
        }
        auto stat = read_proc_stat(pid_);
        return stat ? std::vector<TreeProcess>{{pid_, std::move(*stat)}} : std::vector<TreeProcess>{};
    }

    ProbeReading look()
    {
        const Instant began = clock_.now();
        if (!plain_.due(began)) {
            const auto stat = read_proc_stat(pid_);
            return stat && is_same(*stat) ? ProbeReading{} : ended();
        }
        const auto tree = members();
        if (tree.empty() || !is_same(tree.front().stat)) {
            return ended();
        }
        ProbeReading reading;
        add_plain(tree, reading.gauges);
        const Instant summed = clock_.now();
        plain_.done(began, summed);
        if (options_.scope == ProcessScope::tree && dear_.due(summed)) {
            details_.add(tree, reading.gauges);
            look_for_limit();
            dear_.done(summed, clock_.now());
        }
        // A process that ends during the look leaves a file or a number missing: not a value to keep.
        const auto after = read_proc_stat(pid_);
        return after && is_same(*after) ? std::move(reading) : ended();
    }

    void add_plain(const std::vector<TreeProcess>& tree, std::vector<GaugeReading>& gauges)
    {
        const auto sums = sum(tree);
        gauges = {{name_ + ".rss", sums.rss},
                  {name_ + ".vms", sums.vms},
                  {name_ + ".threads", sums.threads},
                  {name_ + ".cpu_seconds", sums.cpu_seconds},
                  {name_ + ".children", static_cast<double>(tree.size() - 1)}};
        if (sums.fds_known) {
            gauges.push_back({name_ + ".fds", sums.fds});
        }
        if (sums.anon_known) {
            gauges.push_back({name_ + ".rss_anon", sums.rss_anon});
        }
        if (sums.rss > 0) {
            gauges.push_back({name_ + ".vms_per_rss", sums.vms / sums.rss});
        }
        if (thresholds_) {
            gauges.push_back({name_ + ".memory_class", memory_class(sums.rss, *thresholds_)});
        }
        if (const auto ticks = serving_.started(tree, is_listening)) {
            const auto per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
            gauges.push_back({name_ + ".started_at", static_cast<double>(*ticks) / per_second});
        }
    }

    /// The limit of a control group may be changed while it runs.
    void look_for_limit()
    {
        if (!options_.memory_classes) {
            const auto limit = memory_limit_around(pid_);
            thresholds_ = limit ? std::optional(thresholds_of_limit(*limit)) : std::nullopt;
        }
    }

    std::string name_;
    pid_t pid_;
    const Clock& clock_;
    ProcessOptions options_;
    std::optional<scenario::MemoryThresholds> thresholds_;
    std::optional<std::uint64_t> start_ticks_;
    ServingProcess serving_;
    Sparingly plain_{Duration::zero()};
    Sparingly dear_{std::chrono::seconds(1)};
    ProcessDetails details_;
};

} // namespace

std::unique_ptr<Probe> make_process_probe(std::string name, pid_t pid, const Clock& clock, ProcessOptions options)
{
    return std::make_unique<ProcessProbe>(std::move(name), pid, clock, options);
}

std::vector<std::string> process_gauge_names()
{
    return {"rss",      "rss_anon",    "vms",   "vms_per_rss", "memory_class",  "threads",    "fds",
            "children", "cpu_seconds", "pss",   "uss",         "private_dirty", "swap",       "files",
            "sockets",  "close_wait",  "locks", "udp_sockets", "unix_sockets",  "started_at", "inotify_watches"};
}

} // namespace squall::probes
