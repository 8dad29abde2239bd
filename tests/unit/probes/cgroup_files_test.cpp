#include "probes/cgroup_files.hpp"

#include "catch.hpp"
#include "probes/memory_class.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace squall;
using namespace squall::probes;

namespace {

/// A folder with the files of a group, gone with the object.
class Group {
public:
    Group()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "squall-cgroup-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~Group()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;

    void write(const std::string& name, const std::string& text) const
    {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name) << text;
    }
    [[nodiscard]] std::string path(const std::string& below = "") const { return (path_ / below).string(); }
    [[nodiscard]] CgroupReading read() const { return read_cgroup({path(), path(), path()}); }

private:
    std::filesystem::path path_;
};

// As machines of three kinds show them.
constexpr const char* hybrid_mounts = "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
                                      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
                                      "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
                                      "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n"
                                      "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
constexpr const char* unified_mounts =
    "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n";
constexpr const char* container_mounts =
    "900 890 0:32 /docker/4711 /sys/fs/cgroup/memory\\040group ro master:9 - cgroup cgroup rw,memory\n";

} // namespace

TEST_CASE("which group a process is in, on machines of both versions and of both at once")
{
    SECTION("version 2")
    {
        const auto folders =
            find_folders(parse_memberships("0::/system.slice/api.service\n"), parse_cgroup_mounts(unified_mounts));
        const std::string folder = "/sys/fs/cgroup/system.slice/api.service";
        CHECK(folders == CgroupFolders{folder, folder, folder});
    }
    SECTION("version 1 beside version 2")
    {
        const auto folders =
            find_folders(parse_memberships("9:name=systemd:/\n8:pids:/\n4:memory:/app/x:y\n1:cpu,cpuacct:/app\n0::/\n"),
                         parse_cgroup_mounts(hybrid_mounts));
        CHECK(folders == CgroupFolders{"/sys/fs/cgroup/memory/app/x:y", "", "/sys/fs/cgroup/cpu,cpuacct/app"});
    }
    SECTION("a container that sees its own group at the root")
    {
        const auto folders =
            find_folders(parse_memberships("4:memory:/docker/4711\n"), parse_cgroup_mounts(container_mounts));
        CHECK(folders.memory == "/sys/fs/cgroup/memory group");
        CHECK(find_folders(parse_memberships("4:memory:/docker/4711/sub\n"), parse_cgroup_mounts(container_mounts))
                  .memory == "/sys/fs/cgroup/memory group/sub");
        CHECK(find_folders(parse_memberships("4:memory:/docker/47\n"), parse_cgroup_mounts(container_mounts))
                  .memory.empty());
    }
    SECTION("the root group is nobody's own")
    {
        CHECK(find_folders(parse_memberships("0::/\n"), parse_cgroup_mounts(unified_mounts)) == CgroupFolders{});
    }
    SECTION("nothing to be read")
    {
        CHECK(find_folders(parse_memberships(""), parse_cgroup_mounts("")) == CgroupFolders{});
        CHECK(parse_memberships("garbage\n1:only\n").empty());
        CHECK(parse_cgroup_mounts("1 2 3 - cgroup2\n").empty());
    }
}

TEST_CASE("numbers and limits of a group are read")
{
    CHECK(parse_limit("1048576\n") == 1048576U);
    CHECK_FALSE(parse_limit("max\n").has_value());
    CHECK_FALSE(parse_limit("9223372036854771712\n").has_value()); // version 1's word for no limit
    CHECK_FALSE(parse_limit("").has_value());
    const auto flat = parse_flat("anon 12\nfile 34\nbroken\nnegative -1\nhuge 99999999999999999999999\n");
    CHECK(flat.size() == 2);
    CHECK(flat.at("file") == 34);
}

TEST_CASE("a group of version 2 is read")
{
    const Group group;
    group.write("cgroup.procs", "17\n");
    group.write("memory.current", "80000000\n");
    group.write("memory.max", "max\n");
    group.write("memory.high", "90000000\n");
    group.write("memory.swap.current", "4096\n");
    group.write("memory.stat", "anon 44359680\nfile 28815360\nkernel_stack 98304\nsock 4096\ninactive_anon 1\n"
                               "inactive_file 14151680\nslab_reclaimable 200\nslab 300\n");
    group.write("memory.events", "low 0\nhigh 7\nmax 3\noom 2\noom_kill 1\noom_group_kill 0\n");
    group.write("pids.current", "12\n");
    group.write("pids.max", "100\n");
    group.write("cpu.stat", "usage_usec 5\nnr_periods 0\nnr_throttled 0\nthrottled_usec 2500000\n");
    const auto reading = group.read();
    CHECK(reading.memory == 80000000);
    CHECK_FALSE(reading.memory_limit.has_value());
    CHECK(reading.memory_high == 90000000);
    CHECK(reading.working_set == 80000000 - 14151680);
    CHECK(reading.anon == 44359680);
    CHECK(reading.file == 28815360);
    CHECK(reading.sock == 4096);
    CHECK(reading.slab == 300);
    CHECK(reading.swap == 4096);
    CHECK(reading.pids == 12);
    CHECK(reading.pids_limit == 100);
    CHECK(reading.high_events == 7);
    CHECK(reading.ooms == 2);
    CHECK(reading.oom_kills == 1);
    CHECK(reading.throttled_seconds == 2.5);

    SECTION("the lowest limit on the way up counts")
    {
        group.write("below/cgroup.procs", "");
        group.write("below/memory.max", "600000000\n");
        CHECK(memory_limit_of(group.path("below")) == 600000000U);
        group.write("memory.max", "500000000\n");
        CHECK(memory_limit_of(group.path("below")) == 500000000U);
    }
}

TEST_CASE("a group of version 1 is read")
{
    const Group group;
    group.write("memory.usage_in_bytes", "80199680\n");
    group.write("memory.limit_in_bytes", "268435456\n");
    group.write("memory.stat", "cache 1\nrss 2\nswap 0\ninactive_file 3\nhierarchical_memory_limit 268435456\n"
                               "total_cache 28815360\ntotal_rss 44359680\ntotal_swap 8192\n"
                               "total_inactive_file 14151680\n");
    group.write("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n");
    group.write("memory.kmem.tcp.usage_in_bytes", "12288\n");
    group.write("cpu.stat", "nr_periods 9\nnr_throttled 3\nthrottled_time 1500000000\n");
    const auto reading = group.read();
    CHECK(reading.memory == 80199680);
    CHECK(reading.memory_limit == 268435456);
    CHECK(reading.working_set == 80199680 - 14151680);
    CHECK(reading.anon == 44359680);
    CHECK(reading.file == 28815360);
    CHECK(reading.swap == 8192);
    CHECK(reading.sock == 12288);
    CHECK(reading.oom_kills == 4);
    CHECK(reading.throttled_seconds == 1.5);
    CHECK_FALSE(reading.slab.has_value());
    CHECK_FALSE(reading.pids.has_value());
    CHECK_FALSE(reading.ooms.has_value());
}

TEST_CASE("what a group does not tell is absent, never 0")
{
    const Group group;
    const auto reading = group.read();
    CHECK_FALSE(reading.memory.has_value());
    CHECK_FALSE(reading.anon.has_value());
    CHECK_FALSE(reading.oom_kills.has_value());
    CHECK_FALSE(reading.throttled_seconds.has_value());
}

TEST_CASE("memory has the highest class whose threshold it has reached")
{
    const scenario::MemoryThresholds thresholds{{300}, {400}, {480}};
    CHECK(memory_class(0, thresholds) == 0);
    CHECK(memory_class(299, thresholds) == 0);
    CHECK(memory_class(300, thresholds) == 1);
    CHECK(memory_class(400, thresholds) == 2);
    CHECK(memory_class(479, thresholds) == 2);
    CHECK(memory_class(1e18, thresholds) == 3);
    const auto shares = thresholds_of_limit(1000);
    CHECK(shares.warning.bytes == 600);
    CHECK(shares.critical.bytes == 800);
    CHECK(shares.emergency.bytes == 950);
}
