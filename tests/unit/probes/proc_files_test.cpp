#include "probes/proc_files.hpp"

#include "catch.hpp"

#include <unistd.h>

using namespace squall::probes;

TEST_CASE("a stat line is read whatever the command is called")
{
    const std::string rest =
        "S 7 1 1 0 -1 4194560 1 2 3 4 150 50 20 30 20 0 5 0 987654 1048576 256 18446744073709551615";
    for (const std::string command : {"node", "my ) (prog", "a b c", ") S 9 9 9"}) {
        CAPTURE(command);
        const auto stat = parse_proc_stat("123 (" + command + ") " + rest + "\n", 100, 4096);
        REQUIRE(stat.has_value());
        CHECK(stat->state == 'S');
        CHECK(stat->parent == 7);
        CHECK(stat->cpu_seconds == Approx(2.5));
        CHECK(stat->threads == 5);
        CHECK(stat->start_ticks == 987654);
        CHECK(stat->vms_bytes == 1048576);
        CHECK(stat->rss_bytes == 256 * 4096);
    }
    CHECK_FALSE(parse_proc_stat("", 100, 4096).has_value());
    CHECK_FALSE(parse_proc_stat("123 (node) S 7", 100, 4096).has_value());
    CHECK_FALSE(parse_proc_stat("123 (node", 100, 4096).has_value());
}

TEST_CASE("sockets are read from the kernel's tables")
{
    const auto sockets = parse_tcp_sockets(
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 "
        "0\n"
        "   1: 0100007F:C001 0100007F:1538 01 00000000:00000000 00:00000000 00000000     0        0 12 1 0 20 4 0 10 "
        "-1\n"
        "   2: 0100007F:C002 0100007F:1538 08 00000000:00000000 00:00000000 00000000     0        0 13 1 0 20 4 0 10 "
        "-1\n"
        "   3: 00000000000000000000000001000000:0050 00000000000000000000000001000000:D431 01 0:0 00:0 0 0 0 14 1 0\n"
        "   4: 0000000000000000FFFF00000100007F:0050 0000000000000000FFFF00000200007F:D432 01 0:0 00:0 0 0 0 15 1 0\n"
        "   5: garbage\n"
        "   6: 0100007F:zz 0100007F:1538 01 0:0 00:0 0 0 0 16 1 0\n");
    REQUIRE(sockets.size() == 5);
    CHECK(sockets[0].state == TcpSocket::State::listening);
    CHECK(sockets[0].local_port == 8080);
    CHECK(sockets[1].state == TcpSocket::State::established);
    CHECK(sockets[1].peer == "127.0.0.1:5432");
    CHECK(sockets[1].inode == 12);
    CHECK(sockets[2].state == TcpSocket::State::close_wait);
    CHECK(sockets[3].peer == "[::1]:54321");
    CHECK(sockets[4].peer == "127.0.0.2:54322");
}

TEST_CASE("small things of /proc")
{
    CHECK(parse_socket_link("socket:[4242]") == 4242U);
    CHECK_FALSE(parse_socket_link("pipe:[4242]").has_value());
    CHECK_FALSE(parse_socket_link("socket:[]").has_value());
    CHECK_FALSE(parse_socket_link("/tmp/socket:[1]").has_value());
    CHECK(parse_pss("Rss:  10 kB\nPss_Dirty: 3 kB\nPss:   205 kB\n") == 205U * 1024);
    CHECK_FALSE(parse_pss("Rss:  10 kB\n").has_value());
}

TEST_CASE("this very process can be looked at")
{
    const auto stat = read_proc_stat(getpid());
    REQUIRE(stat.has_value());
    CHECK(stat->parent == getppid());
    CHECK(stat->rss_bytes > 1'000'000);
    CHECK(process_tree(getpid()) == std::vector<pid_t>{getpid()});

    const auto before = count_open_files(getpid());
    REQUIRE(before.has_value());
    const int extra = dup(0);
    CHECK(count_open_files(getpid()) == *before + 1);
    close(extra);

    CHECK_FALSE(read_proc_stat(0x3fffffff).has_value());
    CHECK_FALSE(count_open_files(0x3fffffff).has_value());
}
