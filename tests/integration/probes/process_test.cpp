#include "probes/process.hpp"

#include "catch.hpp"
#include "integration/readings.hpp"
#include "integration/servers.hpp"
#include "probes/process_tree.hpp"

using namespace squall;
using namespace squall::testing;
using namespace squall::probes;
using namespace std::chrono_literals;

namespace {

/// An hour passes between two looks and no time within one: nothing is ever too dear.
class HourlyProbe : public Probe {
public:
    HourlyProbe(const std::string& name, pid_t pid) : inner_(make_process_probe(name, pid, clock_)) {}

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
