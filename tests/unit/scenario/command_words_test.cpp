#include "scenario/command_words.hpp"

#include "catch.hpp"

namespace squall::scenario {

using Words = std::vector<std::string>;

TEST_CASE("a command is split as redis-cli splits it")
{
    CHECK(split_command("GET  user:1 ").value() == Words{"GET", "user:1"});
    CHECK(split_command("").value().empty());
    CHECK(split_command(R"(SET k "a b" '')").value() == Words{"SET", "k", "a b", ""});
    CHECK(split_command(R"("\x41\n\"\q" 'it\'s' '\n')").value() == Words{"A\n\"q", "it's", "\\n"});
    CHECK(split_command(R"("\x4")").value() == Words{"x4"});
}

TEST_CASE("what ${…} holds is never split")
{
    CHECK(split_command("SET k:${random.int(1, 9)} '${a b}'").value() ==
          Words{"SET", "k:${random.int(1, 9)}", "${a b}"});
    CHECK(split_command("GET ${never").value() == Words{"GET", "${never"});
}

TEST_CASE("quotes that do not fit are told")
{
    CHECK_THAT(split_command("SET \"a").error().message, ContainsSubstring("double quote is not closed"));
    CHECK_THAT(split_command("SET 'a").error().message, ContainsSubstring("single quote is not closed"));
    CHECK_THAT(split_command("SET \"a\"b").error().message, ContainsSubstring("followed by \"b\""));
}

} // namespace squall::scenario
