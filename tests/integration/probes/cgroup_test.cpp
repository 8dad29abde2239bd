#include "probes/cgroup.hpp"

#include "catch.hpp"
#include "integration/readings.hpp"
#include "integration/servers.hpp"
#include "probes/process.hpp"

using namespace squall;
using namespace squall::testing;
using namespace squall::probes;
using namespace std::chrono_literals;

namespace {

/// A group of our own below that of the test, for one controller; gone with the object. Empty where we may make none.
class OwnGroup {
public:
    explicit OwnGroup(const char* controller)
    {
        const auto mounts = parse_cgroup_mounts(read_small("/proc/self/mountinfo"));
        const auto memberships = parse_memberships(read_small("/proc/self/cgroup"));
        for (const auto& mount : mounts) {
            const bool has =
                mount.controllers.empty()
                    ? read_small(mount.folder + "/cgroup.subtree_control").find(controller) != std::string::npos
                    : std::ranges::find(mount.controllers, controller) != mount.controllers.end();
            if (has && mount.root == "/") {
                const auto folder = mount.folder + "/squall-test-" + std::to_string(getpid());
                std::error_code error;
                if (files::create_directory(folder, error)) {
                    path_ = folder;
                    return;
                }
            }
        }
    }
    ~OwnGroup()
    {
        if (!path_.empty()) {
            rmdir(path_.c_str());
        }
    }
    OwnGroup(const OwnGroup&) = delete;
    OwnGroup& operator=(const OwnGroup&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] bool take_in(pid_t pid) const
    {
        std::ofstream members(path_ + "/cgroup.procs");
        members << pid << std::flush;
        return members.good();
    }
    void limit(std::uint64_t bytes) const
    {
        std::ofstream(path_ + "/memory.max", std::ios::in) << bytes;
        std::ofstream(path_ + "/memory.limit_in_bytes", std::ios::in) << bytes;
    }

private:
    static std::string read_small(const std::string& path)
    {
        std::ifstream file(path);
        std::stringstream text;
        text << file.rdbuf();
        return text.str();
    }

    std::string path_;
};

} // namespace

TEST_CASE("a service in a group of its own has that group's gauges and, by its limit, a class")
{
    const OwnGroup group("memory");
    if (group.path().empty()) {
        WARN("skipped: no control group with memory may be made here; it takes root and a mounted hierarchy");
        return;
    }
    asio::io_context io;
    group.limit(256 << 20);
    const ServerFolder folder;
    ChildProcess child({"sleep", "60"}, folder.path() / "log", false);
    ManualClock clock;
    const auto probe = make_process_probe("api", child.pid(), clock);
    CHECK_FALSE(values_of(read(io, *probe)).contains("api.cgroup_memory")); // the test's own group is nobody's gauge

    REQUIRE(group.take_in(child.pid()));
    clock.advance(1h);
    const auto values = values_of(read(io, *probe));
    CHECK(values.contains("api.cgroup_memory"));
    CHECK(values.at("api.cgroup_memory_limit") == 256 << 20);
    clock.advance(1h);
    CHECK(values_of(read(io, *probe)).at("api.memory_class") == 0);

    group.limit(4 << 20); // the program's own pages are more than 60 % of some of it
    const auto rss = values.at("api.rss");
    group.limit(static_cast<std::uint64_t>(rss / 0.7) / 4096 * 4096);
    clock.advance(1h);
    read(io, *probe);
    clock.advance(1h);
    CHECK(values_of(read(io, *probe)).at("api.memory_class") == 1);
    child.stop(SIGKILL);
}

TEST_CASE("a group counts the processes that were put into it")
{
    const OwnGroup group("pids");
    if (group.path().empty()) {
        WARN("skipped: no control group with pids may be made here; it takes root and a mounted hierarchy");
        return;
    }
    asio::io_context io;
    const auto probe = make_cgroup_probe("box", group.path());
    CHECK(values_of(read(io, *probe)).at("box.cgroup_pids") == 0);
    {
        const ServerFolder folder;
        ChildProcess one({"sleep", "60"}, folder.path() / "log", false);
        ChildProcess two({"sleep", "60"}, folder.path() / "log", false);
        REQUIRE(group.take_in(one.pid()));
        REQUIRE(group.take_in(two.pid()));
        CHECK(values_of(read(io, *probe)).at("box.cgroup_pids") == 2);
    }
    CHECK(values_of(read(io, *probe)).at("box.cgroup_pids") == 0);
    const auto before = open_files();
    for (int round = 0; round < 200; ++round) {
        REQUIRE_FALSE(read(io, *probe).failure.has_value());
    }
    CHECK(open_files() == before);
}

TEST_CASE("a group that is not there is a failure")
{
    asio::io_context io;
    const auto reading = read(io, *make_cgroup_probe("box", "/sys/fs/cgroup/no-such-group"));
    CHECK(reading.gauges.empty());
    CHECK(reading.failure == "/sys/fs/cgroup/no-such-group is no control group, or is gone");
}
