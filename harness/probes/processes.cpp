#include "probes/processes.hpp"

#include "probes/open_files.hpp"
#include "probes/proc_files.hpp"
#include "probes/sparingly.hpp"

#include <utility>

namespace squall::probes {
namespace {

class ProcessesProbe final : public Probe {
public:
    ProcessesProbe(std::string name, std::function<std::vector<pid_t>()> pids, const Clock& clock)
        : name_(std::move(name)),
          pids_(std::move(pids)),
          clock_(clock)
    {}

    const std::string& name() const override { return name_; }

    Task<ProbeReading> read(Instant /*deadline: /proc does not wait*/) override { co_return look(); }

private:
    ProbeReading look()
    {
        const auto pids = pids_();
        ProbeReading reading;
        reading.gauges = {{name_ + ".processes", static_cast<double>(pids.size())}};
        const Instant began = clock_.now();
        if (!sums_.due(began)) {
            return reading;
        }
        double rss = 0;
        double threads = 0;
        double fds = 0;
        for (const pid_t pid : pids) {
            const auto stat = read_proc_stat(pid);
            if (stat && stat->state != 'Z') { // else ended since it was listed
                rss += static_cast<double>(stat->rss_bytes);
                threads += static_cast<double>(stat->threads);
                fds += static_cast<double>(count_open_files(pid).value_or(0));
            }
        }
        sums_.done(began, clock_.now());
        reading.gauges.push_back({name_ + ".rss", rss});
        reading.gauges.push_back({name_ + ".threads", threads});
        reading.gauges.push_back({name_ + ".fds", fds});
        return reading;
    }

    std::string name_;
    std::function<std::vector<pid_t>()> pids_;
    const Clock& clock_;
    Sparingly sums_{Duration::zero()};
};

} // namespace

std::unique_ptr<Probe> make_processes_probe(std::string name, std::function<std::vector<pid_t>()> pids,
                                            const Clock& clock)
{
    return std::make_unique<ProcessesProbe>(std::move(name), std::move(pids), clock);
}

} // namespace squall::probes
