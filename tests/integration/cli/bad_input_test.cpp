// The claim: a mistake is told with its place and the way out, exit 1, and nothing is started or left.
#include "scenarios.hpp"
#include "squall_process.hpp"

#include "catch.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace squall::cli::test;
using namespace std::chrono_literals;

namespace {

/// Without fault: what the tests change one thing of.
constexpr const char* faultless = R"(name = "shop"
primer = "0s"
duration = "1s"
quiesce = "0s"
[stack]
redis = {}
[endpoints]
api = "http://127.0.0.1:9"
[[user]]
name = "visitor"
arrival = { closed = 1 }
  [[user.step]]
  name = "look"
  http = "GET ${api}/"
)";

std::string replaced(std::string text, std::string_view what, std::string_view by)
{
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), by);
}

/// Runs the scenario and asks what every mistake in a file owes the user.
std::string refusal(Workplace& place, const std::string& scenario, Arguments more = {})
{
    place.write("shop.toml", scenario);
    Arguments arguments{"run", "shop.toml", "--out", "run"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto ended = place.squall(arguments);
    INFO(ended.err);
    CHECK(ended.exit_code == 1);
    CHECK(ended.out.empty());
    CHECK(place.remains(ended.err).empty());
    CHECK(ended.err.find("is ready on port") == std::string::npos);
    CHECK_FALSE(std::filesystem::exists(place.path() / "run"));
    return ended.err;
}

/// A port of loopback that the test holds.
class TakenPort {
public:
    TakenPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), length) == 0);
        REQUIRE(::listen(socket_, 8) == 0);
        REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
        number_ = ntohs(address.sin_port);
    }
    ~TakenPort() { ::close(socket_); }
    TakenPort(const TakenPort&) = delete;
    TakenPort& operator=(const TakenPort&) = delete;
    [[nodiscard]] int number() const { return number_; }

private:
    int socket_;
    int number_ = 0;
};

} // namespace

TEST_CASE("a mistake in the file is told with its place and the way out")
{
    Workplace place;

    SECTION("a misspelt key, with the right one")
    {
        const auto err = refusal(place, replaced(faultless, "duration", "durration"));
        CHECK_THAT(err, ContainsSubstring("shop.toml:3:1: durration: unknown key; did you mean \"duration\"?"));
    }
    SECTION("a wrong unit, with the units there are")
    {
        const auto err = refusal(place, replaced(faultless, "\"1s\"", "\"1 sec\""));
        CHECK_THAT(err, ContainsSubstring("shop.toml:3:12: duration: "));
        CHECK_THAT(err, ContainsSubstring("units are ns, us, ms, s, m, h, d"));
        CHECK_THAT(err, ContainsSubstring("did you mean \"1s\"?"));
    }
    SECTION("an unknown variable, with the right one")
    {
        const auto err = refusal(place, replaced(faultless, "${api}", "${apu}"));
        CHECK_THAT(err, ContainsSubstring("shop.toml:14:10: user[visitor].step[look].http: "));
        CHECK_THAT(err, ContainsSubstring("unknown variable ${apu}; did you mean ${api}?"));
    }
    SECTION("profiles in a circle, with the circle")
    {
        const auto circle = "[profile.before]\nextends = \"after\"\n[profile.after]\nextends = \"before\"\n";
        const auto err = refusal(place, std::string(faultless) + circle, {"--profile", "before"});
        CHECK_THAT(err, ContainsSubstring("shop.toml:16:11: profile.before.extends: "));
        CHECK_THAT(err, ContainsSubstring("before → after → before"));
    }
    SECTION("a profile that is not there, with the right one")
    {
        const auto err =
            refusal(place, std::string(faultless) + "[profile.before]\nseed = 2\n", {"--profile", "befor"});
        CHECK_THAT(err, ContainsSubstring("befor"));
        CHECK_THAT(err, ContainsSubstring("\"before\""));
    }
    SECTION("a missing data file, with where it was looked for")
    {
        const auto err = refusal(place, replaced(faultless, "arrival", "data = { file = \"users.csv\" }\narrival"));
        CHECK_THAT(err, ContainsSubstring("shop.toml:11:8: user[visitor].data: "));
        CHECK_THAT(err, ContainsSubstring("users.csv"));
        CHECK_THAT(err, ContainsSubstring("relative to the scenario file"));
    }
    SECTION("an unknown SLO metric, with the right one")
    {
        const auto err = refusal(place, std::string(faultless) + "[slo]\nchecks = [\"respons_time.p99 < 1s\"]\n");
        CHECK_THAT(err, ContainsSubstring("shop.toml:16:"));
        CHECK_THAT(err, ContainsSubstring("slo.checks[#1]"));
        CHECK_THAT(err, ContainsSubstring("did you mean \"response_time\"?"));
    }
    SECTION("an unknown gauge in an SLO, with the right one")
    {
        const auto err =
            refusal(place, std::string(faultless) + "[slo]\nchecks = [\"gauge[redis.conected_clients].max < 9\"]\n");
        CHECK_THAT(err, ContainsSubstring("shop.toml:16:"));
        CHECK_THAT(err, ContainsSubstring("did you mean \"redis.connected_clients\"?"));
    }
    SECTION("an address beyond this machine, with how to allow it")
    {
        const auto err = refusal(place, replaced(faultless, "http://127.0.0.1:9", "https://example.com"));
        CHECK_THAT(err, ContainsSubstring("shop.toml:8:7: endpoints.api: "));
        CHECK_THAT(err, ContainsSubstring("allow_hosts = [\"example.com\"]"));
    }
    SECTION("TOML that is none")
    {
        const auto err = refusal(place, replaced(faultless, "redis = {}", "redis = {"));
        CHECK_THAT(err, ContainsSubstring("shop.toml:6:"));
    }
    SECTION("an override of nothing, with the right key")
    {
        const auto err = refusal(place, faultless, {"--set", "user.visitor.arival.closed=3"});
        CHECK_THAT(err, ContainsSubstring("arival"));
        CHECK_THAT(err, ContainsSubstring("did you mean \"arrival\"?"));
    }
}

TEST_CASE("all mistakes of a file are told in one run, in the file's order")
{
    Workplace place;
    auto text = replaced(faultless, "primer = \"0s\"", "primer = \"0 sec\"");
    text = replaced(text, "http://127.0.0.1:9", "https://example.com");
    text = replaced(text, "closed = 1 }", "closed = 1, rmp = \"1s\" }");
    text = replaced(text, "${api}", "${apu}");
    const auto err = refusal(place, text + "[slo]\nchecks = [\"respons_time.p99 < 1s\"]\n");
    INFO(err);
    std::size_t last = 0;
    for (const char* where : {"shop.toml:2:", "shop.toml:8:", "shop.toml:11:", "shop.toml:14:", "shop.toml:16:"}) {
        CAPTURE(where);
        const auto at = err.find(where);
        CHECK(at != std::string::npos);
        CHECK((at == std::string::npos || at >= last));
        last = at == std::string::npos ? last : at;
    }
    CHECK_THAT(err, ContainsSubstring("nothing was started"));
}

TEST_CASE("`check` says the same as `run` and starts nothing")
{
    Workplace place;
    place.write("shop.toml", replaced(faultless, "duration", "durration"));
    const auto run = place.squall({"run", "shop.toml"});
    const auto check = place.squall({"check", "shop.toml"});
    CHECK(check.exit_code == 1);
    CHECK(check.err == run.err);
    place.write("shop.toml", std::string(faultless) + "[stack.service.own]\ncommand = \"touch started\"\n");
    const auto fine = place.squall({"check", "shop.toml"});
    CHECK(fine.exit_code == 0);
    CHECK_THAT(fine.out, ContainsSubstring("touch started"));
    CHECK_FALSE(std::filesystem::exists(place.path() / "started"));
    CHECK_FALSE(std::filesystem::exists(place.path() / "squall-runs"));
}

TEST_CASE("a file that cannot be read is named with the reason")
{
    Workplace place;
    const auto missing = place.squall({"run", "nowhere.toml"});
    CHECK(missing.exit_code == 1);
    CHECK_THAT(missing.err, ContainsSubstring("nowhere.toml: cannot be read (No such file or directory)"));
    const auto folder = place.squall({"run", "tmp"});
    CHECK(folder.exit_code == 1);
    CHECK_THAT(folder.err, ContainsSubstring("tmp: cannot be read (it is a folder)"));
}

TEST_CASE("words that squall does not know are named")
{
    Workplace place;
    place.write("shop.toml", faultless);
    const auto verb = place.squall({"rum", "shop.toml"});
    CHECK(verb.exit_code == 1);
    CHECK_THAT(verb.err, ContainsSubstring("rum"));
    const auto flag = place.squall({"run", "shop.toml", "--profil", "x"});
    CHECK(flag.exit_code == 1);
    CHECK_THAT(flag.err, ContainsSubstring("--profil"));
    const auto nothing = place.squall({});
    CHECK(nothing.exit_code == 1);
    CHECK_THAT(nothing.err, ContainsSubstring("--help"));
    CHECK_FALSE(std::filesystem::exists(place.path() / "squall-runs"));
}

TEST_CASE("results are never overwritten")
{
    Workplace place;
    place.write("shop.toml", faultless);
    std::filesystem::create_directories(place.path() / "run");
    place.write("run/precious", "results");
    const auto ended = place.squall({"run", "shop.toml", "--out", "run"});
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring("is not empty"));
    CHECK_THAT(ended.err, ContainsSubstring("--out"));
    CHECK(place.read("run/precious") == "results");
    CHECK(place.remains(ended.err).empty());
}

TEST_CASE("a stack that cannot start is told with its place and the way out, and torn down")
{
    Workplace place;
    const TakenPort taken;
    std::string expected_place;
    std::string key;
    std::string way_out;
    std::string text;
    SECTION("a port that is taken, with its holder")
    {
        text = replaced(faultless, "redis = {}", fmt::format("redis = {{ port = {} }}", taken.number()));
        expected_place = "shop.toml:6:";
        key = fmt::format("port {}", taken.number());
        way_out = "leave the port out for a free one";
    }
    SECTION("a target program that is not there")
    {
        text = replaced(faultless, "redis = {}", "redis = {}\npostgres = {}\ntarget = { program = \"/nonexistent\" }");
        text = replaced(text, "[endpoints]\napi = \"http://127.0.0.1:9\"\n", "");
        expected_place = "shop.toml:8:";
        key = "stack.target.program: there is no program /nonexistent";
        way_out = "leave it out";
    }
    SECTION("a service's command that is not there")
    {
        text = std::string(faultless) + "[stack.service.own]\ncommand = \"no-such-program --here\"\n";
        expected_place = "shop.toml:15:";
        key = "no-such-program";
        way_out = "stack.service.own.command";
    }
    SECTION("a service that is never ready")
    {
        text = std::string(faultless) + "[stack.service.own]\ncommand = \"exec sleep 60\"\nready_timeout = \"1s\"\n";
        expected_place = "shop.toml:15:";
        key = "service own was not ready within 1s";
        way_out = "raise stack.service.own.ready_timeout";
    }
    place.write("shop.toml", text);
    const auto ended = place.squall({"run", "shop.toml", "--out", "run"}, 20s);
    INFO(ended.err);
    CHECK(ended.exit_code == 1);
    CHECK_THAT(ended.err, ContainsSubstring(expected_place));
    CHECK_THAT(ended.err, ContainsSubstring(key));
    CHECK_THAT(ended.err, ContainsSubstring(way_out));
    CHECK(place.processes().empty());
    CHECK_FALSE(std::filesystem::exists(place.path() / "run" / "stack"));
    CHECK(std::filesystem::is_empty(place.path() / "tmp"));
    CHECK_FALSE(std::filesystem::exists(place.path() / "run" / "result.json"));
}
