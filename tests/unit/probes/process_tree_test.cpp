#include "probes/process_tree.hpp"

#include "catch.hpp"

#include <set>

using namespace squall::probes;

namespace {

/// Every program begins elsewhere; a fork is where its parent is.
TreeProcess process(pid_t pid, pid_t parent, std::uint64_t started, std::uint64_t image, char state = 'S')
{
    TreeProcess made;
    made.pid = pid;
    made.stat.parent = parent;
    made.stat.start_ticks = started;
    made.stat.state = state;
    made.stat.code_begin = image;
    made.stat.stack_begin = image;
    return made;
}

/// Nobody listens but these.
struct Listening {
    std::set<pid_t> pids;
    bool operator()(pid_t pid) const { return pids.contains(pid); }
};

} // namespace

TEST_CASE("behind a shell and a supervisor stands the service")
{
    ServingProcess serving;
    const auto shell = process(1, 0, 10, 100);
    const auto supervisor = process(2, 1, 20, 200);
    CHECK(serving.started({shell, supervisor, process(3, 2, 30, 300)}, Listening{{3}}) == 30U);

    SECTION("a service that was restarted behind its supervisor has another start")
    {
        CHECK(serving.started({shell, supervisor, process(4, 2, 99, 400)}, Listening{{4}}) == 99U);
    }
    SECTION("the same number given to another process is not the same process")
    {
        CHECK(serving.started({shell, supervisor, process(3, 2, 77, 400)}, Listening{{3}}) == 77U);
    }
    SECTION("while the supervisor pauses there is no start, also where the body lies unburied")
    {
        CHECK_FALSE(serving.started({shell, supervisor}, Listening{}).has_value());
        CHECK_FALSE(serving.started({shell, supervisor, process(3, 2, 30, 300, 'Z')}, Listening{}).has_value());
        CHECK(serving.started({shell, supervisor, process(4, 2, 99, 400)}, Listening{{4}}) == 99U);
    }
    SECTION("a helper of a moment changes nothing, before and after it")
    {
        const std::vector<TreeProcess> busy{shell, supervisor, process(3, 2, 30, 300), process(5, 3, 50, 500)};
        CHECK(serving.started(busy, Listening{}) == 30U);
        CHECK(serving.started({busy[0], busy[1], busy[2]}, Listening{}) == 30U);
    }
}

TEST_CASE("workers that come and go are no restart of their service")
{
    ServingProcess serving;
    const auto master = process(1, 0, 10, 100);
    SECTION("of many")
    {
        CHECK(serving.started({master, process(2, 1, 20, 100), process(3, 1, 21, 100)}, Listening{}) == 10U);
        CHECK(serving.started({master, process(3, 1, 21, 100), process(4, 1, 90, 100)}, Listening{}) == 10U);
    }
    SECTION("of only one: a fork of its parent")
    {
        CHECK(serving.started({master, process(2, 1, 20, 100)}, Listening{}) == 10U);
        CHECK(serving.started({master, process(3, 1, 90, 100)}, Listening{}) == 10U);
    }
    SECTION("of only one that runs another program, where the parent listens")
    {
        CHECK(serving.started({master, process(2, 1, 20, 200)}, Listening{{1, 2}}) == 10U);
    }
    SECTION("where the images are not ours to see, by the name")
    {
        auto hidden = process(1, 0, 10, 0);
        auto worker = process(2, 1, 20, 0);
        hidden.stat.command = worker.stat.command = "gunicorn";
        CHECK(ServingProcess().started({hidden, worker}, Listening{}) == 10U);
        worker.stat.command = "node";
        CHECK(ServingProcess().started({hidden, worker}, Listening{}) == 20U);
    }
}

TEST_CASE("a tree that is gone has no start")
{
    CHECK_FALSE(ServingProcess().started({}, Listening{}).has_value());
}
