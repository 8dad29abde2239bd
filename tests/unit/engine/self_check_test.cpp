#include "engine/self_check.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace squall::engine;

TEST_CASE("the harness sees what it left open itself")
{
    const auto before = current_holdings();

    SECTION("nothing, when all was closed")
    {
        ::close(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        const auto check = compare(before, current_holdings());
        CHECK(check.descriptors_before == check.descriptors_after);
        CHECK(check.descriptors_left == 0);
        CHECK(check.processes_left == 0);
        CHECK(check.left.empty());
    }
    SECTION("descriptors, by kind")
    {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        const auto check = compare(before, current_holdings());
        ::close(null);
        ::close(ends[0]);
        ::close(ends[1]);
        CHECK(check.descriptors_after == check.descriptors_before + 3);
        CHECK(check.descriptors_left == 3);
        CHECK(check.left == std::vector<std::string>{"1 × /dev/null", "2 × pipe"});
    }
    SECTION("a process that nobody waited for")
    {
        const auto child = ::fork();
        if (child == 0) {
            ::pause();
            ::_exit(0);
        }
        const auto check = compare(before, current_holdings());
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        CHECK(check.processes_left == 1);
        REQUIRE(check.left.size() == 1);
        CHECK(check.left.front().find(std::to_string(child)) != std::string::npos);
    }
    SECTION("a number that stands for another file now")
    {
        Holdings after = before;
        after.descriptors[0] = "socket:[1]";
        const auto check = compare(before, after);
        CHECK(check.descriptors_left == 1);
        CHECK(check.left == std::vector<std::string>{"1 × socket"});
    }
}
