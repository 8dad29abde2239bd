#include "probes/process_tree.hpp"

#include "catch.hpp"

#include <unistd.h>

using namespace squall::probes;

TEST_CASE("a stat line is read whatever the command is called")
{
    const std::string rest =
        "S 7 1 1 0 -1 4194560 1 2 3 4 150 50 20 30 20 0 5 0 987654 1048576 256 18446744073709551615 4194304 0 140733";
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
        CHECK(stat->command == command);
        CHECK(stat->code_begin == 4194304);
        CHECK(stat->stack_begin == 140733);
    }
    CHECK_FALSE(parse_proc_stat("", 100, 4096).has_value());
    CHECK_FALSE(parse_proc_stat("123 (node) S 7", 100, 4096).has_value());
    CHECK_FALSE(parse_proc_stat("123 (node", 100, 4096).has_value());
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
    const auto tree = process_tree(getpid());
    REQUIRE(tree.size() == 1);
    CHECK(tree[0].pid == getpid());
    CHECK(process_tree(0x3fffffff).empty());

    const auto before = count_open_files(getpid());
    REQUIRE(before.has_value());
    const int extra = dup(0);
    CHECK(count_open_files(getpid()) == *before + 1);
    close(extra);

    CHECK_FALSE(read_proc_stat(0x3fffffff).has_value());
    CHECK_FALSE(count_open_files(0x3fffffff).has_value());
}
