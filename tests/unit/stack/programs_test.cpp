#include "stack/programs.hpp"

#include "catch.hpp"

#include <filesystem>
#include <fstream>

using namespace squall::stack;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

class Tree {
public:
    Tree()
    {
        std::string name = (fs::temp_directory_path() / "squall-programs-XXXXXX").string();
        root_ = ::mkdtemp(name.data());
    }
    ~Tree() { fs::remove_all(root_); }
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;

    std::string program(const std::string& path, bool executable = true) const
    {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << "#!/bin/sh\n";
        fs::permissions(root_ / path, executable ? fs::perms::owner_all : fs::perms::owner_read);
        return (root_ / path).string();
    }
    [[nodiscard]] std::string at(const std::string& path) const { return (root_ / path).string(); }

private:
    fs::path root_;
};

} // namespace

TEST_CASE("the newest PostgreSQL that is new enough is taken")
{
    const Tree tree;
    for (const char* release : {"9", "14", "15", "16"}) {
        tree.program(std::string("pg/") + release + "/bin/initdb");
        tree.program(std::string("pg/") + release + "/bin/postgres");
    }
    tree.program("pg/17/bin/initdb"); // without its postgres
    const auto found = find_postgres({{}, {}, tree.at("pg")});
    REQUIRE(found.has_value());
    CHECK(found->postgres == tree.at("pg/16/bin/postgres"));
}

TEST_CASE("an initdb in $PATH wins, and its postgres is the one beside what it links to")
{
    const Tree tree;
    tree.program("pg/16/bin/initdb");
    tree.program("pg/16/bin/postgres");
    const std::string initdb = tree.program("own/bin/initdb");
    tree.program("own/bin/postgres");
    fs::create_directories(tree.at("links"));
    fs::create_symlink(initdb, tree.at("links/initdb"));
    const auto found = find_postgres({{tree.at("links")}, {}, tree.at("pg")});
    REQUIRE(found.has_value());
    CHECK(found->initdb == initdb);
    CHECK(found->postgres == tree.at("own/bin/postgres"));
}

TEST_CASE("only an old PostgreSQL: the message says which and what is needed")
{
    const Tree tree;
    tree.program("pg/13/bin/initdb");
    tree.program("pg/13/bin/postgres");
    const auto found = find_postgres({{}, {}, tree.at("pg")});
    REQUIRE_FALSE(found.has_value());
    CHECK_THAT(found.error().message, Contains("PostgreSQL 15 or newer") && Contains("the newest there is 13") &&
                                          Contains("apt-get install postgresql"));
}

TEST_CASE("a file that cannot be executed is no program, and system folders are looked at too")
{
    const Tree tree;
    tree.program("path/pgbouncer", false);
    const ProgramSearch search{{tree.at("path")}, {tree.at("sbin")}, tree.at("pg")};
    const auto missing = find_pgbouncer(search);
    REQUIRE_FALSE(missing.has_value());
    CHECK_THAT(missing.error().message, Contains("PgBouncer is not installed") && Contains(tree.at("sbin")) &&
                                            Contains("apt-get install pgbouncer"));
    const std::string program = tree.program("sbin/pgbouncer");
    const auto found = find_pgbouncer(search);
    REQUIRE(found.has_value());
    CHECK(*found == program);
}
