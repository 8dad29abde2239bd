#include "probes/process.hpp"

#include "catch.hpp"
#include "integration/readings.hpp"
#include "integration/servers.hpp"
#include "probes/open_files.hpp"
#include "probes/process_tree.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cstring>

using namespace squall;
using namespace squall::testing;
using namespace squall::probes;
using namespace std::chrono_literals;

namespace {

/// An hour passes between two looks and no time within one: nothing is ever too dear.
class HourlyProbe : public Probe {
public:
    HourlyProbe(const std::string& name, pid_t pid, ProcessOptions options = {})
        : inner_(make_process_probe(name, pid, clock_, options))
    {}

    const std::string& name() const override { return inner_->name(); }
    Task<ProbeReading> read(Instant deadline) override
    {
        clock_.advance(1h);
        return inner_->read(deadline);
    }

private:
    ManualClock clock_;
    std::unique_ptr<Probe> inner_;
};

/// A script of the shell, ended with the test.
struct Running {
    explicit Running(const std::string& script) : process({"sh", "-c", script}, folder.path() / "log", false) {}
    ServerFolder folder;
    ChildProcess process;
};

} // namespace

TEST_CASE("a tree of processes is summed")
{
    asio::io_context io;
    const Running running("sleep 60 & sleep 60 & exec 7</dev/null; exec 8</dev/null; wait");
    HourlyProbe probe("api", running.process.pid());
    const auto values = read_until(io, probe, [](const Values& now) {
        // The children are `sleep` once they have replaced the shell.
        return now.at("api.children") == 2 && now.contains("api.pss");
    });
    CHECK(values.at("api.children") == 2);
    CHECK(values.at("api.threads") == 3);
    CHECK(values.at("api.rss") > 1'000'000);
    CHECK(values.at("api.vms") > values.at("api.rss"));
    CHECK(values.at("api.pss") > 0);
    CHECK(values.at("api.pss") < values.at("api.rss"));
    CHECK(values.at("api.sockets") == 0);
    CHECK(values.at("api.cpu_seconds") >= 0);
    // 3 standard streams in each process and the shell's two more.
    CHECK(read_until(io, probe, [](const Values& now) { return now.at("api.fds") == 11; }).at("api.fds") == 11);
}

TEST_CASE("a process that has ended is a failure, also while its body is unburied")
{
    asio::io_context io;
    Running running("exec sleep 60");
    const auto pid = running.process.pid();
    HourlyProbe probe("api", pid);
    REQUIRE_FALSE(read(io, probe).failure.has_value());

    kill(pid, SIGKILL);
    siginfo_t ended{};
    REQUIRE(waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT) == 0); // a zombie now
    const auto expected = fmt::format("process {} has ended", pid);
    CHECK(read(io, probe).failure == expected);
    running.process.wait();
    CHECK(read(io, probe).failure == expected);

    HourlyProbe never("api", 0x3fffffff);
    CHECK(read(io, never).failure.has_value());
}

namespace {

/// The child of a shell once it runs its own program.
pid_t wait_for_child(pid_t shell, const std::string& command)
{
    const Instant end = in(10s);
    while (std::chrono::steady_clock::now() < end) {
        for (const auto& process : process_tree(shell)) {
            if (process.stat.parent == shell && process.stat.command == command && process.stat.state != 'Z') {
                return process.pid;
            }
        }
    }
    throw std::runtime_error("the shell has not started " + command);
}

double seconds_since_boot()
{
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

} // namespace

TEST_CASE("a service that its supervisor starts again has another start")
{
    asio::io_context io;
    const Running running("while true; do sleep 60; done");
    const auto shell = running.process.pid();
    const auto service = wait_for_child(shell, "sleep");
    HourlyProbe probe("api", shell);
    const double first = values_of(read(io, probe)).at("api.started_at");
    CHECK(first == Approx(seconds_since_boot()).margin(5));
    // The kernel counts starts in hundredths of a second.
    read_until(io, probe, [first](const Values&) { return seconds_since_boot() > first + 0.02; });

    kill(service, SIGKILL);
    const auto again = read_until(io, probe, [first](const Values& now) {
        return now.contains("api.started_at") && now.at("api.started_at") != first;
    });
    CHECK(again.at("api.started_at") > first);
}

TEST_CASE("sockets are counted by peer, those accepted by port")
{
    asio::io_context io;
    HourlyProbe probe("me", getpid());
    const SilentServer one;
    const SilentServer two;
    std::vector<asio::ip::tcp::socket> sockets;
    const auto connect = [&](int port) {
        sockets.emplace_back(io);
        sockets.back().connect({asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)});
    };
    connect(one.port());
    connect(one.port());
    connect(two.port());
    const auto peer = [](int port) { return fmt::format("me.sockets{{peer=127.0.0.1:{}}}", port); };

    const auto values = values_of(read(io, probe));
    CHECK(values.at("me.sockets") == 3);
    CHECK(values.at(peer(one.port())) == 2);
    CHECK(values.at(peer(two.port())) == 1);

    SECTION("a peer that is gone reads 0")
    {
        sockets.clear();
        const auto none = values_of(read(io, probe));
        CHECK(none.at("me.sockets") == 0);
        CHECK(none.at(peer(one.port())) == 0);
    }
    SECTION("what it accepted stands under its own port, not under each client's")
    {
        asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
        const int port = acceptor.local_endpoint().port();
        connect(port);
        sockets.push_back(acceptor.accept());
        const auto both = values_of(read(io, probe));
        CHECK(both.at("me.sockets") == 5);
        CHECK(both.at(fmt::format("me.sockets{{accepted={}}}", port)) == 1);

        error_code ignored;
        sockets[3].close(ignored); // the client's end: the accepted one is half closed now
        const auto left = read_until(io, probe, [](const Values& now) { return now.at("me.close_wait") == 1; });
        CHECK(left.at("me.close_wait") == 1);
        CHECK(left.at("me.sockets") == 3);
    }
}

namespace {

/// Numbers of descriptors, closed with the object.
struct Descriptors {
    Descriptors() = default;
    ~Descriptors() { clear(); }
    Descriptors(const Descriptors&) = delete;
    Descriptors& operator=(const Descriptors&) = delete;

    void add(int number)
    {
        REQUIRE(number >= 0);
        numbers.push_back(number);
    }
    void clear()
    {
        for (const int number : numbers) {
            close(number);
        }
        numbers.clear();
    }
    std::vector<int> numbers;
};

} // namespace

TEST_CASE("open files are counted by kind and by pattern of their path")
{
    asio::io_context io;
    HourlyProbe probe("me", getpid());
    const ServerFolder folder;
    const auto before = values_of(read(io, probe));
    const auto more = [&before](const Values& now, const std::string& gauge) {
        return now.at(gauge) - (before.contains(gauge) ? before.at(gauge) : 0);
    };

    Descriptors opened;
    for (int number = 0; number < 30; ++number) {
        const auto path = folder.path() / fmt::format("upload {}\n.part", number * 37);
        opened.add(open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
        if (number < 10) {
            files::remove(path);
        }
    }
    const std::string shown =
        fmt::format("me.files{{path={}}}", fold_path((folder.path() / "upload_1_.part").string()));
    for (int number = 0; number < 4; ++number) {
        opened.add(eventfd(0, EFD_CLOEXEC));
        opened.add(epoll_create1(EPOLL_CLOEXEC));
        opened.add(open("/dev/null", O_RDONLY | O_CLOEXEC));
    }
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    opened.add(ends[0]);
    opened.add(ends[1]);
    const int watcher = inotify_init1(IN_CLOEXEC);
    opened.add(watcher);
    REQUIRE(inotify_add_watch(watcher, folder.path().c_str(), IN_CREATE) >= 0);
    REQUIRE(inotify_add_watch(watcher, "/", IN_CREATE) >= 0);

    const auto now = values_of(read(io, probe));
    CHECK(more(now, "me.fds") == 30 + 12 + 2 + 1);
    CHECK(more(now, "me.fds{type=file}") == 20);
    CHECK(more(now, "me.fds{type=deleted}") == 10);
    CHECK(more(now, "me.fds{type=eventfd}") == 4);
    CHECK(more(now, "me.fds{type=epoll}") == 4);
    CHECK(more(now, "me.fds{type=device}") == 4);
    CHECK(more(now, "me.fds{type=pipe}") == 2);
    CHECK(more(now, "me.fds{type=inotify}") == 1);
    CHECK(more(now, "me.inotify_watches") == 2);
    CHECK(now.at(shown) == 30);

    opened.clear();
    const auto after = values_of(read(io, probe));
    CHECK(more(after, "me.fds") == 0);
    CHECK(more(after, "me.fds{type=eventfd}") == 0);
    CHECK(after.at(shown) == 0);
    CHECK(after.at("me.inotify_watches") == before.at("me.inotify_watches"));
}

TEST_CASE("sockets are counted by state, datagram and unix ones apart")
{
    asio::io_context io;
    HourlyProbe probe("me", getpid());
    const auto before = values_of(read(io, probe));
    // Another test's listener may still be there.
    const auto more = [&before](const Values& now, const std::string& gauge) {
        return now.at(gauge) - (before.contains(gauge) ? before.at(gauge) : 0);
    };
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    const auto port = acceptor.local_endpoint();
    std::vector<asio::ip::tcp::socket> clients;
    for (int count = 0; count < 3; ++count) {
        clients.emplace_back(io);
        clients.back().connect(port);
    }
    {
        auto accepted = acceptor.accept(); // closed first: what is left of it waits at our port
        accepted.close();
        clients.front().close();
    }
    Descriptors others;
    asio::ip::udp::socket datagram(io, {asio::ip::address_v4::loopback(), 0});
    int pair[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    others.add(pair[0]);
    others.add(pair[1]);

    const auto now = read_until(
        io, probe, [&more](const Values& values) { return more(values, "me.sockets{state=time_wait}") == 1; });
    CHECK(more(now, "me.sockets{state=listen}") == 1);
    CHECK(more(now, "me.sockets{state=established}") == 2); // the clients' ends
    CHECK(more(now, "me.sockets{state=not_accepted}") == 2);
    CHECK(more(now, "me.sockets{state=time_wait}") == 1);
    CHECK(more(now, "me.udp_sockets") == 1);
    CHECK(more(now, "me.unix_sockets") == 2);

    acceptor.close();
    clients.clear();
    others.clear();
    datagram.close();
    const auto after = values_of(read(io, probe));
    CHECK(more(after, "me.sockets{state=listen}") == 0);
    CHECK(more(after, "me.sockets{state=established}") == 0);
    CHECK(more(after, "me.udp_sockets") == 0);
    CHECK(more(after, "me.unix_sockets") == 0);
}

TEST_CASE("locks that the process holds are counted by kind")
{
    asio::io_context io;
    HourlyProbe probe("me", getpid());
    const auto before = values_of(read(io, probe)).at("me.locks");
    const ServerFolder folder;
    Descriptors opened;
    for (int number = 0; number < 3; ++number) {
        const auto path = folder.path() / fmt::format("{}.lock", number);
        opened.add(open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    }
    struct flock whole {};
    whole.l_type = F_WRLCK;
    REQUIRE(fcntl(opened.numbers[0], F_SETLK, &whole) == 0);
    REQUIRE(flock(opened.numbers[1], LOCK_EX) == 0);
    REQUIRE(flock(opened.numbers[2], LOCK_SH) == 0);
    const auto now = values_of(read(io, probe));
    CHECK(now.at("me.locks") - before == 3);
    CHECK(now.at("me.locks{type=posix}") == 1);
    CHECK(now.at("me.locks{type=flock}") == 2);
    opened.clear();
    const auto after = values_of(read(io, probe));
    CHECK(after.at("me.locks") == before);
    CHECK(after.at("me.locks{type=flock}") == 0);
}

TEST_CASE("memory is told by share and by class")
{
    asio::io_context io;
    constexpr std::size_t size = 64 << 20;
    HourlyProbe probe("me", getpid(), {ProcessScope::tree, scenario::MemoryThresholds{{1}, {2}, {1ULL << 50U}}});
    const auto before = values_of(read(io, probe));
    CHECK(before.at("me.memory_class") == 2);
    CHECK(before.at("me.vms_per_rss") == Approx(before.at("me.vms") / before.at("me.rss")));
    CHECK(before.at("me.rss_anon") > 0);
    CHECK(before.at("me.rss_anon") < before.at("me.rss"));
    CHECK(before.at("me.uss") <= before.at("me.pss"));
    {
        void* pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        REQUIRE(pages != MAP_FAILED);
        std::memset(pages, 1, size);
        const auto now = values_of(read(io, probe));
        for (const auto* gauge : {"me.rss_anon", "me.uss", "me.private_dirty"}) {
            CAPTURE(gauge);
            CHECK(now.at(gauge) - before.at(gauge) == Approx(size).epsilon(0.1));
        }
        munmap(pages, size);
    }
    CHECK(values_of(read(io, probe)).at("me.rss_anon") - before.at("me.rss_anon") < size / 2);
}

TEST_CASE("200 readings leave no descriptor behind, and every gauge has a name that is known")
{
    asio::io_context io;
    HourlyProbe probe("me", getpid());
    const auto first = values_of(read(io, probe));
    const auto before = open_files();
    for (int round = 0; round < 200; ++round) {
        REQUIRE_FALSE(read(io, probe).failure.has_value());
    }
    CHECK(open_files() == before);
    const auto known = process_gauge_names();
    for (const auto& [name, value] : first) {
        const auto plain = name.substr(3, name.find('{') - 3);
        CAPTURE(plain);
        CHECK((plain.starts_with("cgroup_") || std::ranges::find(known, plain) != known.end()));
    }
}

TEST_CASE("what is dear to read is left out between")
{
    asio::io_context io;
    ManualClock clock;
    const auto probe = make_process_probe("me", getpid(), clock);
    CHECK(values_of(read(io, *probe)).contains("me.pss"));
    clock.advance(900ms);
    const auto soon = values_of(read(io, *probe));
    CHECK_FALSE(soon.contains("me.pss"));
    CHECK_FALSE(soon.contains("me.sockets"));
    CHECK(soon.contains("me.rss"));
    clock.advance(200ms);
    CHECK(values_of(read(io, *probe)).contains("me.pss"));
}

namespace {

/// Every look at it takes this long.
class SlowClock final : public Clock {
public:
    explicit SlowClock(Duration look) : look_(look) {}
    Instant now() const override { return now_ += look_; }
    void advance(Duration by) { now_ += by; }

private:
    Duration look_;
    mutable Instant now_{};
};

} // namespace

TEST_CASE("looking at a process never takes more than a twentieth of the time")
{
    asio::io_context io;
    SlowClock clock(100ms);
    const auto probe = make_process_probe("me", getpid(), clock);
    CHECK(values_of(read(io, *probe)).contains("me.rss"));
    clock.advance(1500ms);
    const auto soon = read(io, *probe);
    CHECK(soon.gauges.empty());
    CHECK_FALSE(soon.failure.has_value());
    clock.advance(1s);
    CHECK(values_of(read(io, *probe)).contains("me.rss"));
}

TEST_CASE("without a free descriptor of ours no process is said to have ended")
{
    asio::io_context io;
    HourlyProbe probe("me", getpid());
    rlimit limit{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    const rlimit few{open_files() + 20, limit.rlim_max};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
    ProbeReading starved;
    {
        std::vector<int> all;
        for (int number = dup(0); number >= 0; number = dup(0)) {
            all.push_back(number);
        }
        starved = read(io, probe);
        for (const int number : all) {
            close(number);
        }
    }
    setrlimit(RLIMIT_NOFILE, &limit);
    CHECK(starved.gauges.empty());
    CHECK(starved.failure == fmt::format("/proc/{} cannot be read", getpid()));
    CHECK_FALSE(read(io, probe).failure.has_value());
}
