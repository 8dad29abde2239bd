#include "support.hpp"

#include "stack/ports.hpp"
#include "stack/process_table.hpp"

#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <thread>

namespace squall::stack::test {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder()
{
    std::string name = (fs::temp_directory_path() / "squall-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
    ::chmod(path_.c_str(), 0755);
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds within)
{
    const auto until = std::chrono::steady_clock::now() + within;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

StackOptions options_in(const TemporaryFolder& folder)
{
    StackOptions options;
    options.run_folder = folder.path();
    options.scenario_folder = folder.path();
    return options;
}

scenario::StackSpec three_servers()
{
    scenario::StackSpec spec;
    spec.postgres.emplace();
    spec.pgbouncer.emplace();
    spec.redis.emplace();
    return spec;
}

scenario::CommandSpec service(std::string name, std::string command)
{
    scenario::CommandSpec spec;
    spec.name = std::move(name);
    spec.command = std::move(command);
    return spec;
}

std::vector<std::string> processes_mentioning(const std::string& text)
{
    std::vector<std::string> found;
    for (const ProcessStat& process : all_processes()) {
        const std::string line = text_of_file("/proc/" + std::to_string(process.pid) + "/cmdline");
        if (!process.is_dead() && line.find(text) != std::string::npos) {
            found.push_back(std::to_string(process.pid) + " " + process.name);
        }
    }
    return found;
}

bool is_alive(pid_t pid)
{
    const auto process = process_stat(pid);
    return process && !process->is_dead();
}

bool accepts(int port)
{
    return !is_port_free(port);
}

std::string what_is_left(const std::string& run_folder, const std::vector<ServiceInfo>& services)
{
    std::string left;
    for (const std::string& process : processes_mentioning(run_folder)) {
        left += "process " + process + "; ";
    }
    for (const ServiceInfo& service : services) {
        left += is_alive(service.pid) ? service.name + " lives; " : "";
        left += accepts(service.port) ? "port of " + service.name + "; " : "";
    }
    return left + (fs::exists(run_folder + "/stack") ? "the data folder; " : "");
}

std::string text_of_file(const std::string& path)
{
    const std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

} // namespace squall::stack::test
