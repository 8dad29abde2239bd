#include "target/process_usage.hpp"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

namespace squall::target {
namespace {

Duration to_duration(const timeval& time)
{
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

/// The number after "Threads:" in /proc/self/status.
std::uint64_t read_threads()
{
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word) {
        std::uint64_t threads = 0;
        if (word == "Threads:" && status >> threads) {
            return threads;
        }
        status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return 0;
}

std::uint64_t count_fds()
{
    std::error_code error;
    const std::filesystem::directory_iterator fds("/proc/self/fd", error);
    if (error) {
        return 0;
    }
    const auto entries = std::distance(begin(fds), end(fds));
    return static_cast<std::uint64_t>(entries) - 1; // one of them is the listing itself
}

} // namespace

ProcessUsage read_process_usage()
{
    ProcessUsage usage;
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    std::uint64_t virtual_pages = 0;
    std::uint64_t resident_pages = 0;
    std::ifstream statm("/proc/self/statm");
    if (statm >> virtual_pages >> resident_pages) {
        usage.virtual_memory = {virtual_pages * page};
        usage.resident = {resident_pages * page};
    }
    usage.open_fds = count_fds();
    usage.threads = read_threads();
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        usage.max_fds = limit.rlim_cur;
    }
    rusage times{};
    if (getrusage(RUSAGE_SELF, &times) == 0) {
        usage.cpu = to_duration(times.ru_utime) + to_duration(times.ru_stime);
    }
    return usage;
}

} // namespace squall::target
