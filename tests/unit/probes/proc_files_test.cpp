#include "probes/open_files.hpp"
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

TEST_CASE("memory of a process is read from statm and smaps_rollup")
{
    CHECK(parse_anonymous_bytes("5000 1200 300 10 0 900 0\n", 4096) == 900U * 4096);
    CHECK(parse_anonymous_bytes("5000 300 301 10 0 900 0\n", 4096) == 0U); // counters of two moments
    CHECK_FALSE(parse_anonymous_bytes("", 4096).has_value());
    CHECK_FALSE(parse_anonymous_bytes("5000 -1 300", 4096).has_value());
    const std::string text = "55e-7ff ---p 00000000 00:00 0    [rollup]\n"
                             "Rss:                3060 kB\nPss:                 205 kB\nPss_Dirty:           100 kB\n"
                             "Shared_Clean:       2900 kB\nPrivate_Clean:        10 kB\nPrivate_Dirty:       120 kB\n"
                             "Swap:                  7 kB\nSwapPss:               7 kB\nPrivate_Hugetlb:    2048 kB\n";
    const auto rollup = parse_smaps_rollup(text);
    REQUIRE(rollup.has_value());
    CHECK(rollup->pss == 205U * 1024);
    CHECK(rollup->uss == (10U + 120U + 2048U) * 1024);
    CHECK(rollup->private_dirty == 120U * 1024);
    CHECK(rollup->swap == 7U * 1024);
    CHECK_FALSE(parse_smaps_rollup(text.substr(0, text.find("Swap:"))).has_value());
    CHECK_FALSE(parse_smaps_rollup("").has_value());
}

TEST_CASE("locks that are held are read, not those that are waited for")
{
    const std::string text = "1: POSIX  ADVISORY  WRITE 708 08:01:1234 0 EOF\n"
                             "1: -> POSIX  ADVISORY  WRITE 709 08:01:1234 0 EOF\n"
                             "2: FLOCK  ADVISORY  WRITE 710 00:1b:99 0 EOF\n"
                             "3: OFDLCK ADVISORY  READ -1 00:06:1 0 EOF\n"
                             "4: cut\n";
    const auto locks = parse_locks(text);
    REQUIRE(locks.size() == 3);
    CHECK(locks[0].type == "POSIX");
    CHECK(locks[0].pid == 708);
    CHECK(locks[1].type == "FLOCK");
    CHECK(locks[1].pid == 710);
    CHECK(locks[2].pid == -1);
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
