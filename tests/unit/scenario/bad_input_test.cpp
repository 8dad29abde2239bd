// What a user gets wrong, and the exact words that are said about it.
#include "support.hpp"

using namespace squall::scenario;
using namespace squall::scenario::testing;

TEST_CASE("a misspelt key is told with its place and the key that was meant")
{
    CHECK(problems("durration = \"10s\"\n") == Lines{"s.toml:1:1: durration: unknown key; did you mean \"duration\"?"});
    CHECK(problems("[[user]]\nname = \"planner\"\narrivl = { closed = 1 }\n[[user.step]]\nhttp = \"GET ${api}/\"\n") ==
          Lines{"s.toml:3:1: user[planner].arrivl: unknown key; did you mean \"arrival\"?"});
    CHECK(problems(one_user + "tiemout = \"1s\"\n") ==
          Lines{"s.toml:7:1: user[planner].step[login].tiemout: unknown key; did you mean \"timeout\"?"});
    CHECK(problems("[stack.postgres]\n  max_conections = 3\n") ==
          Lines{"s.toml:2:3: stack.postgres.max_conections: unknown key; did you mean \"max_connections\"?"});
}

TEST_CASE("a key that is nothing like any other is told with the keys there are")
{
    CHECK(problems("[tls]\nwhatever = 1\n") ==
          Lines{"s.toml:2:1: tls.whatever: unknown key; expected one of verify, ca_file"});
}

TEST_CASE("keys of things that are not built yet are unknown keys")
{
    CHECK(problems("[[fault]]\nat = \"1s\"\n").size() == 1);
}

TEST_CASE("a key that no kind of step has is told with those that there are")
{
    const auto found = problems("[[user]]\nname = \"u\"\narrival = { closed = 1 }\n[[user.step]]\nsmtp = \"x\"\n");
    REQUIRE(found.size() == 1);
    CHECK(found[0].starts_with("s.toml:5:1: user[u].step[#1].smtp: unknown key; expected one of name, timeout, "));
    CHECK(found[0].find(" http,") != std::string::npos);
}

TEST_CASE("a wrong unit is told with what was probably meant")
{
    CHECK(
        problems("duration = \"10 sec\"\n") ==
        Lines{"s.toml:1:12: duration: \"10 sec\" is not a duration (unknown unit \" sec\"; units are ns, us, ms, s, m, "
              "h, d); expected a duration such as \"250ms\", \"10s\", \"1m30s\" or \"2h\"; did you mean \"10s\"?"});
    CHECK(
        problems("duration = 60\n") ==
        Lines{"s.toml:1:12: duration: found an integer (60); expected a duration such as \"250ms\", \"10s\", \"1m30s\" "
              "or \"2h\"; did you mean \"60s\"?"});
    CHECK(
        problems("[[user]]\nname = \"u\"\narrival = { rate = \"200 rps\" }\n[[user.step]]\nhttp = \"GET ${api}/\"\n") ==
        Lines{"s.toml:3:20: user[u].arrival.rate: \"200 rps\" is not a rate; expected a count per time such as "
              "\"200/s\", \"90/m\" or \"1000/h\"; did you mean \"200/s\"?"});
}

TEST_CASE("a value of the wrong type is told with the type that was found")
{
    CHECK(problems("seed = \"7\"\n") == Lines{"s.toml:1:8: seed: found the string \"7\"; expected an integer from 0"});
    CHECK(problems("name = 3.0\n") == Lines{"s.toml:1:8: name: found a float (3.0); expected a name"});
    CHECK(problems("stack = true\n") ==
          Lines{"s.toml:1:9: stack: found a boolean (true); expected a table of services"});
    CHECK(problems("tls = []\n") ==
          Lines{"s.toml:1:7: tls: found an array; expected a table such as { verify = true }"});
    CHECK(problems("name = 2026-01-02\n") ==
          Lines{"s.toml:1:8: name: found a date or time (2026-01-02); expected a name"});
    CHECK(problems("user = {}\n") ==
          Lines{"s.toml:1:8: user: found a table; expected an array of tables such as [[user]]"});
}

TEST_CASE("a word that is not among the known ones gets a suggestion")
{
    CHECK(problems("[stack]\npostgres = {}\npgbouncer = { pool_mode = \"transction\" }\n") ==
          Lines{"s.toml:3:27: stack.pgbouncer.pool_mode: \"transction\" is not known here; did you mean "
                "\"transaction\"?"});
    CHECK(
        problems("[stack]\npgbouncer = { pool_mode = \"x\" }\n") ==
        Lines{"s.toml:2:27: stack.pgbouncer.pool_mode: \"x\" is not known here; expected one of session, transaction, "
              "statement"});
}

TEST_CASE("a number out of range is told with the range")
{
    CHECK(problems("[stack]\nredis = { port = 70000 }\n") ==
          Lines{"s.toml:2:18: stack.redis.port: 70000 is out of range; expected an integer from 1 to 65535"});
    CHECK(problems("duration = \"0s\"\n") ==
          Lines{"s.toml:1:12: duration: \"0s\" is out of range; expected a duration above 0"});
    CHECK(problems("[stack]\ntarget = { pool = { min = 5, max = 2 } }\n") ==
          Lines{"s.toml:2:19: stack.target.pool: min_idle is 5, more than max, which is 2"});
}

TEST_CASE("two users of one name are told at the second")
{
    CHECK(problems(one_user + one_user) ==
          Lines{"s.toml:8:8: user[planner].name: the user of line 2 has this name already; expected another name"});
}

TEST_CASE("a missing key is told at its table, unless a misspelling of it is told already")
{
    CHECK(problems("[[user]]\narrival = { closed = 1 }\n[[user.step]]\nhttp = \"GET ${api}/\"\n") ==
          Lines{"s.toml:1:1: user[#1]: the key \"name\" is missing; expected a name"});
    CHECK(problems("[[user]]\nnme = \"u\"\narrival = { closed = 1 }\n[[user.step]]\nhttp = \"GET ${api}/\"\n") ==
          Lines{"s.toml:2:1: user[#1].nme: unknown key; did you mean \"name\"?"});
}

TEST_CASE("text that is not TOML is told where it stops being TOML")
{
    const auto lines = problems("name = \"a\"\nduration = = 3\n");
    REQUIRE(lines.size() == 1);
    CHECK_THAT(lines[0], Catch::Matchers::StartsWith("s.toml:2:12: not valid TOML (") &&
                             Catch::Matchers::EndsWith("; expected TOML 1.0"));
}

TEST_CASE("a file that cannot be read is a problem like any other")
{
    const auto outcome = parse_file("/nowhere/at/all.toml", {});
    REQUIRE(outcome.problems.size() == 1);
    CHECK(to_string(outcome.problems[0]) ==
          "/nowhere/at/all.toml: cannot be read (No such file or directory); expected a scenario file");
    CHECK(to_string(parse_file("/", {}).problems.at(0)) ==
          "/: cannot be read (it is a folder); expected a scenario file");
}

TEST_CASE("all problems of a file are told at once, in the order of the file")
{
    const auto lines = problems("sed = 1\n"
                                "duration = \"5\"\n"
                                "[stack]\n"
                                "redis = { prt = 1 }\n"
                                "[[user]]\n"
                                "name = \"a\"\n"
                                "think = \"3s..1s\"\n"
                                "arrival = { closed = 0 }\n"
                                "[[user.step]]\n"
                                "http = \"FETCH ${api}/\"\n"
                                "[[probe]]\n"
                                "name = \"p\"\n");
    CHECK(lines ==
          Lines{"s.toml:1:1: sed: unknown key; did you mean \"seed\"?",
                "s.toml:2:12: duration: \"5\" is not a duration (it has no unit); expected a duration such as "
                "\"250ms\", \"10s\", \"1m30s\" or \"2h\"; did you mean \"5s\"?",
                "s.toml:4:11: stack.redis.prt: unknown key; did you mean \"port\"?",
                "s.toml:7:9: user[a].think: \"3s..1s\" falls; expected the shorter time first, such as "
                "\"1s..3s\"",
                "s.toml:8:22: user[a].arrival.closed: 0 is out of range; expected an integer from 1 to 1000000",
                "s.toml:10:8: user[a].step[FETCH /].http: unknown HTTP method \"FETCH\"; expected one of GET, "
                "POST, PUT, PATCH, DELETE, HEAD, OPTIONS",
                "s.toml:11:1: probe[p]: the source is missing; expected exactly one of the keys http_json, "
                "prometheus, files, process, postgres, redis, cgroup"});
}

TEST_CASE("an environment variable that is not set is told where it is needed")
{
    ParseOptions options;
    options.environment = [](const std::string& name) {
        return name == "HERE" ? std::optional<std::string>("http://127.0.0.1:9") : std::nullopt;
    };
    CHECK(problems("[endpoints]\napi = \"${env.HERE}\"\ndb = \"${env.ELSEWHERE}/x\"\n", options) ==
          Lines{"s.toml:3:6: endpoints.db: the environment variable ELSEWHERE is not set; expected it for "
                "${env.ELSEWHERE}"});
    CHECK(problems("name = \"${env.ELSEWHERE}\"\n", options) ==
          Lines{"s.toml:1:8: name: the environment variable ELSEWHERE is not set; expected it for ${env.ELSEWHERE}"});
}
