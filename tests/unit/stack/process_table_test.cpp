#include "stack/process_table.hpp"

#include "catch.hpp"

#include <unistd.h>

using namespace squall::stack;

TEST_CASE("a stat line is read even when the name tries to confuse")
{
    const auto stat =
        parse_process_stat("812 (evil) S 1 (x) S 7 800 799 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1");
    REQUIRE(stat.has_value());
    CHECK(stat->pid == 812);
    CHECK(stat->name == "evil) S 1 (x");
    CHECK(stat->state == 'S');
    CHECK(stat->parent == 7);
    CHECK(stat->group == 800);
    CHECK(stat->session == 799);
    CHECK(stat->start == 98765);
}

TEST_CASE("what is no stat line gives nothing")
{
    CHECK_FALSE(parse_process_stat("").has_value());
    CHECK_FALSE(parse_process_stat("1 (a) S 2 3").has_value());
    CHECK_FALSE(parse_process_stat(")1(").has_value());
}

TEST_CASE("this process is found, a pid that nobody has is not")
{
    const auto self = process_stat(::getpid());
    REQUIRE(self.has_value());
    CHECK(self->parent == ::getppid());
    CHECK(self->start > 0);
    CHECK_FALSE(self->is_dead());
    CHECK_FALSE(process_stat(1 << 23).has_value());
}

TEST_CASE("the listener's inode is found among other sockets of the port")
{
    const std::string_view table =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:1538 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 111 1 0 20\n"
        "   1: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 222 1 0 100\n"
        "   2: 0100007F:1539 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 333 1 0 100\n";
    CHECK(listening_inode(table, 0x1538) == 222);
    CHECK(listening_inode(table, 0x1539) == 333);
    CHECK_FALSE(listening_inode(table, 80).has_value());
}
