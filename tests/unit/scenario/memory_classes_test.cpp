#include "support.hpp"

#include "catch.hpp"

using namespace squall::scenario;
using namespace squall::scenario::testing;

namespace {

Lines problems_of(const std::string& classes)
{
    return problems("memory_classes = { api = " + classes + " }\n" + one_user);
}

} // namespace

TEST_CASE("classes of memory are sizes by service")
{
    const auto scenario = parsed("[memory_classes]\n"
                                 "api = { warning = \"1GiB\", critical = \"1.5GiB\", emergency = \"2GiB\" }\n"
                                 "target = { warning = \"1B\", critical = \"2B\", emergency = \"3B\" }\n" +
                                 one_user);
    REQUIRE(scenario.memory_classes.size() == 2);
    CHECK(scenario.memory_classes[0].service == "api");
    CHECK(scenario.memory_classes[0].place.line == 2);
    CHECK(scenario.memory_classes[0].thresholds.critical.bytes == 3ULL << 29U);
    CHECK(scenario.memory_classes[1].thresholds.emergency.bytes == 3);
}

TEST_CASE("what is wrong with classes of memory is told at its place")
{
    CHECK(problems_of(R"({ warning = "400MiB", critical = "300MiB", emergency = "480MiB" })") ==
          Lines{"s.toml:1:59: memory_classes.api.critical: critical (300.0 MiB) is not above warning (400.0 MiB); "
                "expected warning < critical < emergency"});
    CHECK(problems_of(R"({ warning = "3MiB", critical = "3MiB", emergency = "1MiB" })").size() == 2);
    CHECK(problems_of(R"({ warning = "many", critical = "3MiB", emergency = "4MiB" })") ==
          Lines{"s.toml:1:38: memory_classes.api.warning: \"many\" is not a size above 0; expected a size such as "
                "\"300MiB\""});
    CHECK(problems_of(R"({ warning = "0B", critical = "3MiB", emergency = "4MiB" })").size() == 1);
    CHECK(problems_of(R"({ warning = 300, critical = "3MiB", emergency = "4MiB" })").front() ==
          "s.toml:1:38: memory_classes.api.warning: found an integer (300); expected a size such as \"300MiB\"");
    CHECK(problems_of(R"({ warning = "1MiB", critical = "3MiB" })").front().find("emergency") != std::string::npos);
    CHECK(problems_of(R"({ warning = "1MiB", critcal = "3MiB", emergency = "4MiB" })").front().find("critical") !=
          std::string::npos);
    CHECK(problems_of("5").front().find("a table such as { warning") != std::string::npos);
}
