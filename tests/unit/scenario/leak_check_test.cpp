// leak_check, production_rate, declared_caps and gc.
#include "support.hpp"

#include <csignal>

using namespace squall::scenario;
using namespace squall::scenario::testing;

TEST_CASE("a scenario says how hard to look for leaks, and quick is the default")
{
    CHECK(parsed(one_user).leak_check == LeakCheck::quick);
    CHECK(parsed("leak_check = \"standard\"\n" + one_user).leak_check == LeakCheck::standard);
    const auto certify = parsed("\nleak_check = \"certify\"\n" + one_user);
    CHECK(certify.leak_check == LeakCheck::certify);
    CHECK(certify.leak_check_place.line == 2);
    CHECK(parsed(one_user, with_overrides({"leak_check=standard"})).leak_check == LeakCheck::standard);
    CHECK(to_string(LeakCheck::certify) == "certify");
    CHECK(problems("leak_check = \"standart\"\n" + one_user) ==
          Lines{"s.toml:1:14: leak_check: \"standart\" is not known here; did you mean \"standard\"?"});
    CHECK(problems("leak_check = \"long\"\n" + one_user) ==
          Lines{"s.toml:1:14: leak_check: \"long\" is not known here; expected one of quick, standard, certify"});
}

TEST_CASE("a rate of production is above 0")
{
    CHECK(parsed("production_rate = \"12/s\"\n" + one_user).production_rate->per_second() == 12);
    CHECK_FALSE(parsed(one_user).production_rate.has_value());
    CHECK(problems("production_rate = \"0/s\"\n" + one_user) ==
          Lines{"s.toml:1:19: production_rate: is 0; expected how many operations a second there are in production"});
    CHECK(problems("production_rate = 12\n" + one_user).size() == 1);
}

TEST_CASE("caps are numbers or sizes, by gauge")
{
    const auto scenario = parsed("declared_caps = { \"postgres.connections\" = 100, \"api.rss\" = \"200MiB\", "
                                 "\"api.load.factor{a=b}\" = 0.5 }\n" +
                                 one_user);
    REQUIRE(scenario.declared_caps.size() == 3);
    CHECK(scenario.declared_caps[0].gauge == "postgres.connections");
    CHECK(scenario.declared_caps[0].value == 100);
    CHECK(scenario.declared_caps[0].place.line == 1);
    CHECK(scenario.declared_caps[1].value == 200.0 * 1024 * 1024);
    CHECK(scenario.declared_caps[2].value == 0.5);

    const auto told = [](const std::string& cap) {
        const auto lines = problems("declared_caps = { " + cap + " }\n" + one_user);
        return lines.size() == 1 ? lines.front() : "not one problem";
    };
    CHECK(told("\"api.rss\" = -1") ==
          "s.toml:1:31: declared_caps.\"api.rss\": -1 is out of range; expected a number such "
          "as 100, or a size such as \"200MiB\", at least 0");
    CHECK(told("\"api.rss\" = \"much\"") == "s.toml:1:31: declared_caps.\"api.rss\": \"much\" is no size; expected a "
                                            "number such as 100, or a size such as \"200MiB\"");
    CHECK(told("\"api.rss\" = true").find("expected a number such as 100") != std::string::npos);
    for (const std::string name : {"connections", "api.", ".rss", "api..rss", "api.r s", "api.rss{a=b"}) {
        INFO(name);
        CHECK(told("\"" + name + "\" = 1")
                  .find("expected the name of a gauge in quotes such as \"postgres.connections\"") !=
              std::string::npos);
    }
    const auto dotted = problems("declared_caps = { api.rss = 1 }\n" + one_user); // TOML reads a table "api"
    REQUIRE_FALSE(dotted.empty());
    CHECK(dotted[0].find("expected the name of a gauge in quotes") != std::string::npos);
}

TEST_CASE("gc is a request to the service or a signal")
{
    const auto target = [](const std::string& gc) {
        return "[stack]\npostgres = {}\ntarget = { gc = \"" + gc + "\" }\n" + one_user;
    };
    const auto request = std::get<CollectRequest>(*parsed(target("POST /debug/gc?all=1")).stack.target->gc);
    CHECK(request.method == "POST");
    CHECK(request.path == "/debug/gc?all=1");
    CHECK(std::get<CollectRequest>(*parsed(target("GET /gc")).stack.target->gc).method == "GET");
    const auto signal = std::get<CollectSignal>(*parsed(target("SIGUSR2")).stack.target->gc);
    CHECK(signal.name == "SIGUSR2");
    CHECK(signal.number == SIGUSR2);
    CHECK_FALSE(parsed(one_user).stack.target.has_value());

    const auto told = [&](const std::string& gc) {
        const auto lines = problems(target(gc));
        return lines.size() == 1 ? lines.front() : "not one problem";
    };
    const std::string at = "s.toml:3:17: stack.target.gc: ";
    CHECK(told("/debug/gc") ==
          at + "\"/debug/gc\" has neither a method nor the name of a signal; expected a request such "
               "as \"POST /debug/gc\", or a signal such as \"SIGUSR2\"");
    CHECK(told("POTS /gc") == at + "\"POTS\" is no method that is used here; did you mean \"POST\"?");
    CHECK(told("SIGUSR3").starts_with(at + "\"SIGUSR3\" is no signal that is sent here; did you mean \"SIGUSR"));
    CHECK(told("SIGKILL").find("is no signal that is sent here; expected one of SIGUSR1") != std::string::npos);
    CHECK(told("POST debug/gc").find("\"debug/gc\" is no path") != std::string::npos);
    CHECK(told("POST /a b").find("\"/a b\" is no path") != std::string::npos);
}

TEST_CASE("a service of the user's has a gc as well, but not one that is spoken to over stdin")
{
    const auto scenario = parsed("[stack]\nservice.api = { command = \"serve\", gc = \"SIGUSR2\" }\n" + one_user);
    CHECK(std::get<CollectSignal>(*scenario.stack.services.at(0).gc).number == SIGUSR2);
    CHECK(problems("[stack]\nservice.mcp = { command = \"serve\", stdio = true, gc = \"SIGUSR2\" }\n" + one_user) ==
          Lines{"s.toml:2:50: stack.service.mcp.gc: gc belongs to a service that listens; one with stdio = true has no "
                "address"});
}
