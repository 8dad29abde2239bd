#include "probes/process.hpp"

#include "probes/gauge_name.hpp"
#include "probes/process_tree.hpp"
#include "probes/socket_tables.hpp"
#include "probes/sparingly.hpp"

#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

namespace squall::probes {
namespace {

/// Adding up the pages of a process takes about a millisecond: a database with hundreds would hold up every probe.
constexpr std::size_t most_processes_for_pss = 50;

struct Sums {
    double rss = 0;
    double vms = 0;
    double threads = 0;
    double cpu_seconds = 0;
    double fds = 0;
    bool fds_known = true;
};

Sums sum(const std::vector<TreeProcess>& tree)
{
    Sums sums;
    for (const auto& [pid, stat] : tree) {
        sums.rss += static_cast<double>(stat.rss_bytes);
        sums.vms += static_cast<double>(stat.vms_bytes);
        sums.threads += static_cast<double>(stat.threads);
        sums.cpu_seconds += stat.cpu_seconds;
        const auto open = stat.state == 'Z' ? 0 : count_open_files(pid);
        if (open) {
            sums.fds += static_cast<double>(*open);
        } else if (read_proc_stat(pid)) {
            sums.fds_known = false;
        }
    }
    return sums;
}

class ProcessProbe final : public Probe {
public:
    ProcessProbe(std::string name, pid_t pid, const Clock& clock, ProcessScope scope)
        : name_(std::move(name)),
          pid_(pid),
          clock_(clock),
          scope_(scope),
          by_peer_(name_ + ".sockets", "peer"),
          by_port_(name_ + ".sockets", "accepted")
    {
        const auto stat = read_proc_stat(pid);
        if (stat) {
            start_ticks_ = stat->start_ticks;
        }
    }

    const std::string& name() const override { return name_; }

    Task<ProbeReading> read(Instant /*deadline: /proc does not wait*/) override { co_return look(); }

private:
    [[nodiscard]] bool is_alive() const
    {
        const auto stat = read_proc_stat(pid_);
        return stat && start_ticks_ && stat->start_ticks == *start_ticks_ && stat->state != 'Z' && stat->state != 'X';
    }

    [[nodiscard]] std::vector<TreeProcess> only_root() const
    {
        auto stat = read_proc_stat(pid_);
        return stat ? std::vector<TreeProcess>{{pid_, std::move(*stat)}} : std::vector<TreeProcess>{};
    }

    ProbeReading look()
    {
        if (!is_alive()) {
            return failed_reading(fmt::format("process {} has ended", pid_));
        }
        const Instant began = clock_.now();
        if (!plain_.due(began)) {
            return {};
        }
        const auto tree = scope_ == ProcessScope::alone ? only_root() : process_tree(pid_);
        if (tree.empty()) {
            return failed_reading(fmt::format("process {} has ended", pid_));
        }
        const auto sums = sum(tree);
        ProbeReading reading;
        reading.gauges = {{name_ + ".rss", sums.rss},
                          {name_ + ".vms", sums.vms},
                          {name_ + ".threads", sums.threads},
                          {name_ + ".cpu_seconds", sums.cpu_seconds},
                          {name_ + ".children", static_cast<double>(tree.size() - 1)}};
        if (sums.fds_known) {
            reading.gauges.push_back({name_ + ".fds", sums.fds});
        }
        if (const auto ticks = serving_.started(tree, is_listening)) {
            const auto per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
            reading.gauges.push_back({name_ + ".started_at", static_cast<double>(*ticks) / per_second});
        }
        const Instant summed = clock_.now();
        plain_.done(began, summed);
        if (scope_ == ProcessScope::tree && dear_.due(summed)) {
            add_pss(tree, reading);
            add_sockets(tree, reading);
            dear_.done(summed, clock_.now());
        }
        // A process that ends during the look leaves a file or a number missing: not a value to keep.
        if (!is_alive()) {
            return failed_reading(fmt::format("process {} has ended", pid_));
        }
        return reading;
    }

    void add_pss(const std::vector<TreeProcess>& tree, ProbeReading& reading) const
    {
        if (tree.size() > most_processes_for_pss) {
            return;
        }
        double total = 0;
        for (const auto& process : tree) {
            const pid_t pid = process.pid;
            const auto text = read_proc_file(pid, "smaps_rollup");
            const auto pss = text ? parse_pss(*text) : std::nullopt;
            const auto now = pss ? std::nullopt : read_proc_stat(pid);
            if (now && now->state != 'Z') {
                return; // a part of the tree is not ours to see: no sum
            }
            total += static_cast<double>(pss.value_or(0));
        }
        reading.gauges.push_back({name_ + ".pss", total});
    }

    void add_sockets(const std::vector<TreeProcess>& tree, ProbeReading& reading)
    {
        std::set<std::uint64_t> ours; // a socket that parent and child share counts once
        for (const auto& process : tree) {
            const auto inodes = socket_inodes(process.pid);
            ours.insert(inodes.begin(), inodes.end());
        }
        auto sockets = parse_tcp_sockets(read_proc_file(pid_, "net/tcp").value_or(""));
        const auto six = parse_tcp_sockets(read_proc_file(pid_, "net/tcp6").value_or(""));
        sockets.insert(sockets.end(), six.begin(), six.end());
        std::erase_if(sockets, [&ours](const TcpSocket& socket) { return !ours.contains(socket.inode); });
        std::set<std::uint16_t> listening;
        for (const auto& socket : sockets) {
            if (socket.state == TcpState::listen) {
                listening.insert(socket.local_port);
            }
        }
        double established = 0;
        double close_wait = 0;
        for (const auto& socket : sockets) {
            close_wait += socket.state == TcpState::close_wait ? 1 : 0;
            if (socket.state != TcpState::established) {
                continue;
            }
            ++established;
            if (listening.contains(socket.local_port)) {
                by_port_.add(std::to_string(socket.local_port));
            } else {
                by_peer_.add(peer_of(socket));
            }
        }
        reading.gauges.push_back({name_ + ".sockets", established});
        reading.gauges.push_back({name_ + ".close_wait", close_wait});
        by_peer_.take(reading.gauges);
        by_port_.take(reading.gauges);
    }

    std::string name_;
    pid_t pid_;
    const Clock& clock_;
    ProcessScope scope_;
    std::optional<std::uint64_t> start_ticks_;
    ServingProcess serving_;
    Sparingly plain_{Duration::zero()};
    Sparingly dear_{std::chrono::seconds(1)};
    Breakdown by_peer_;
    Breakdown by_port_;
};

} // namespace

std::unique_ptr<Probe> make_process_probe(std::string name, pid_t pid, const Clock& clock, ProcessScope scope)
{
    return std::make_unique<ProcessProbe>(std::move(name), pid, clock, scope);
}

} // namespace squall::probes
