// The claim: `squall up` leaves a stack that answers at the addresses it prints; `squall down` removes all of it.
#include "squall_process.hpp"

#include "catch.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <regex>

using namespace squall::cli::test;
using namespace std::chrono_literals;

namespace {

std::string answer_to_ping(int port)
{
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{5, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    std::string answer(64, '\0');
    ssize_t length = 0;
    if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
        ::send(socket, "PING\r\n", 6, MSG_NOSIGNAL) == 6) {
        length = ::recv(socket, answer.data(), answer.size(), 0);
    }
    ::close(socket);
    answer.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    return answer;
}

} // namespace

TEST_CASE("up leaves a stack that answers, down removes it, and a second down has nothing to do")
{
    Workplace place;
    place.write("redis.toml", "name = \"cache\"\n[stack]\nredis = {}\n[[user]]\nname = \"nobody\"\n"
                              "arrival = { closed = 1 }\n  [[user.step]]\n  http = \"GET http://127.0.0.1:9/\"\n");
    const auto up = place.squall({"up", "redis.toml"});
    INFO(up.out << up.err);
    REQUIRE(up.exit_code == 0);
    static const std::regex address("redis +redis://127\\.0\\.0\\.1:([0-9]+)");
    std::smatch match;
    REQUIRE(std::regex_search(up.out, match, address));
    const int port = std::stoi(match[1]);
    CHECK(answer_to_ping(port) == "+PONG\r\n");

    const auto second_up = place.squall({"up", "redis.toml"});
    INFO(second_up.out << second_up.err);
    CHECK(second_up.exit_code == 1);
    CHECK_THAT(second_up.err, ContainsSubstring("squall down"));
    CHECK(answer_to_ping(port) == "+PONG\r\n");

    const auto down = place.squall({"down"});
    CHECK(down.exit_code == 0);
    CHECK_THAT(down.out, ContainsSubstring("stopped"));
    CHECK_FALSE(accepts(port));
    CHECK(place.processes().empty());
    const auto again = place.squall({"down"});
    CHECK(again.exit_code == 0);
    CHECK_THAT(again.out, ContainsSubstring("nothing is up"));
    CHECK_FALSE(std::filesystem::exists(place.path() / "tmp" / "squall-stack"));
}

TEST_CASE("up of a scenario without a stack says that there is nothing to start")
{
    Workplace place;
    place.write("bare.toml", "[[user]]\nname = \"nobody\"\narrival = { closed = 1 }\n"
                             "  [[user.step]]\n  http = \"GET http://127.0.0.1:9/\"\n");
    const auto up = place.squall({"up", "bare.toml"});
    CHECK(up.exit_code == 1);
    CHECK_THAT(up.err, ContainsSubstring("nothing to start"));
    CHECK_FALSE(std::filesystem::exists(place.path() / "squall-runs"));
}
