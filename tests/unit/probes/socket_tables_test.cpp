#include "probes/socket_tables.hpp"

#include "catch.hpp"

using namespace squall::probes;

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
    CHECK(sockets[0].state == TcpState::listen);
    CHECK(sockets[0].local_port == 8080);
    CHECK(sockets[1].state == TcpState::established);
    CHECK(peer_of(sockets[1]) == "127.0.0.1:5432");
    CHECK(sockets[1].inode == 12);
    CHECK(sockets[2].state == TcpState::close_wait);
    CHECK(peer_of(sockets[3]) == "[::1]:54321");
    CHECK(peer_of(sockets[4]) == "127.0.0.2:54322");
}

TEST_CASE("every state of TCP has a name, and one of a later kernel is unknown")
{
    const auto state_of = [](const std::string& code) {
        const auto sockets = parse_tcp_sockets("0: 0100007F:0050 0100007F:C001 " + code + " 0:0 00:0 0 0 0 0 1 0\n");
        return sockets.empty() ? "none" : std::string(to_string(sockets[0].state));
    };
    CHECK(state_of("01") == "established");
    CHECK(state_of("04") == "fin_wait1");
    CHECK(state_of("06") == "time_wait");
    CHECK(state_of("0B") == "closing");
    CHECK(state_of("0C") == "syn_recv");
    CHECK(state_of("0D") == "unknown");
    CHECK(state_of("xx") == "none");
}

TEST_CASE("datagram and unix sockets are read from the kernel's tables")
{
    CHECK(
        parse_udp_inodes("   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
                         "inode ref pointer drops            \n"
                         "  123: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 "
                         "4711 2 0000000000000000 0        \n") == std::vector<std::uint64_t>{4711});
    const auto sockets =
        parse_unix_sockets("Num       RefCount Protocol Flags    Type St Inode Path\n"
                           "0000000064902e21: 00000003 00000000 00000000 0001 03 16443351\n"
                           "00000000d467b6f9: 00000002 00000000 00010000 0001 01  1078 /run/a path with blanks\n"
                           "cut off: 0000\n");
    REQUIRE(sockets.size() == 2);
    CHECK(sockets[0].inode == 16443351);
    CHECK_FALSE(sockets[0].listening);
    CHECK(sockets[1].inode == 1078);
    CHECK(sockets[1].listening);
}
