#include "probes/open_files.hpp"

#include "catch.hpp"

#include <unistd.h>

#include <cstdio>
#include <set>

using namespace squall::probes;

TEST_CASE("what an open file is, is told by its link")
{
    CHECK(kind_of_open_file("socket:[4242]") == "socket");
    CHECK(kind_of_open_file("pipe:[1]") == "pipe");
    CHECK(kind_of_open_file("anon_inode:[eventfd]") == "eventfd");
    CHECK(kind_of_open_file("anon_inode:[eventpoll]") == "epoll");
    CHECK(kind_of_open_file("anon_inode:[timerfd]") == "timerfd");
    CHECK(kind_of_open_file("anon_inode:inotify") == "inotify");
    CHECK(kind_of_open_file("/memfd:shared (deleted)") == "memfd");
    CHECK(kind_of_open_file("/dev/null") == "device");
    CHECK(kind_of_open_file("/dev/shm/segment") == "file");
    CHECK(kind_of_open_file("/dev/shm/segment (deleted)") == "deleted");
    CHECK(kind_of_open_file("/var/lib/a b.db") == "file");
    CHECK(kind_of_open_file("/tmp/x (deleted)") == "deleted");
    CHECK(kind_of_open_file("net:[4026531840]") == "namespace");
    CHECK(kind_of_open_file("(unreachable)/x") == "other");
    CHECK(kind_of_open_file("") == "other");
}

TEST_CASE("the inode of a socket stands in its link")
{
    CHECK(parse_socket_link("socket:[4242]") == 4242U);
    CHECK_FALSE(parse_socket_link("pipe:[4242]").has_value());
    CHECK_FALSE(parse_socket_link("socket:[]").has_value());
    CHECK_FALSE(parse_socket_link("/tmp/socket:[1]").has_value());
}

TEST_CASE("paths that differ by a number, a hash or a random name fold to one")
{
    CHECK(fold_path("/tmp/upload-123.part") == "/tmp/upload-*.part");
    CHECK(fold_path("/tmp/upload-9.part (deleted)") == "/tmp/upload-*.part");
    CHECK(fold_path("/c/550e8400-e29b-41d4-a716-446655440000.json") ==
          fold_path("/c/0f5e2b1a-11d4-4a3c-9f00-0123456789ab.json"));
    CHECK(fold_path("/cache/deadbeefcafe") == "/cache/*");
    CHECK(fold_path("/cache/9a3f") == "/cache/*");
    CHECK(fold_path("/tmp/tmpa8x2kq1z") == "/tmp/*");
    CHECK(fold_path("/srv/facade/added.txt") == "/srv/facade/added.txt"); // words, though of hexadecimal letters
    CHECK(fold_path("/var/notes.sqlite-wal") == "/var/notes.sqlite-wal");
    CHECK(fold_path("/var/db.sqlite3") == "/var/db.sqlite*");
    CHECK(fold_path("/proc/17/stat") == "/proc/*/stat");
    CHECK(fold_path("/tmp/\xc3\xa4 b\n7") == "/tmp/\xc3\xa4 b\n*");
    CHECK(fold_path("").empty());
}

TEST_CASE("ten thousand paths of one kind are one pattern")
{
    std::set<std::string> patterns;
    for (int number = 0; number < 10'000; ++number) {
        patterns.insert(fold_path("/tmp/session-" + std::to_string(number * 7919) + ".lock"));
    }
    CHECK(patterns.size() == 1);
}

TEST_CASE("watches are counted in the kernel's words")
{
    CHECK(count_inotify_watches("pos:\t0\nflags:\t00\nmnt_id:\t15\n"
                                "inotify wd:2 ino:9e7e sdev:800013 mask:800afce ignored_mask:0 fhandle-bytes:8\n"
                                "inotify wd:1 ino:192627 sdev:800013 mask:800afce\n") == 2);
    CHECK(count_inotify_watches("") == 0);
    CHECK(count_inotify_watches("not inotify wd:1\n") == 0);
}

TEST_CASE("every open file of this process is seen once")
{
    const auto seen = [] {
        std::size_t count = 0;
        REQUIRE(for_each_open_file(getpid(), [&count](const char*, std::string_view) { ++count; }));
        return count;
    };
    const auto before = seen();
    const int extra = dup(0);
    CHECK(seen() == before + 1);
    close(extra);
    CHECK_FALSE(for_each_open_file(0x3fffffff, [](const char*, std::string_view) {}));
}
