#include "drivers/redis_link.hpp"

#include "drivers/redis_command.hpp"
#include "drivers/resp_value.hpp"
#include "scripted_server.hpp"
#include "test_certificate.hpp"

#include "catch.hpp"
#include "integration/servers.hpp"

#include <boost/json.hpp>

#include <sys/resource.h>

using namespace std::chrono_literals;

namespace squall::drivers {
namespace {

using measure::ErrorKind;
using Words = std::vector<std::string_view>;

class LinkFixture {
public:
    explicit LinkFixture(const std::string& url, int resp = 2, TlsSettings tls = {})
        : events(io.get_executor(), clock),
          context(events, clock, TlsContext::create(tls).value()),
          link(context)
    {
        server.address = wire::parse_redis_url(url).value();
        server.resp = resp;
    }

    /// One operation; the replies as one JSON array in `replies`.
    RedisExchange send(const std::vector<Words>& commands, Duration timeout = 10s)
    {
        std::string bytes;
        for (const auto& words : commands) {
            append_command(words, bytes);
        }
        RedisRequest request;
        request.server = &server;
        request.bytes = bytes;
        request.replies = commands.size() + extra_replies;
        request.messages = extra_replies > 0;
        request.keep_replies = true;
        const auto now = clock.now();
        RedisExchange exchange;
        bool done = false;
        wire::start(link.perform(request, {now, now + timeout}, exchange),
                    [&done](std::exception_ptr) { done = true; });
        io.restart();
        while (!done) {
            io.run_one();
        }
        boost::json::array all;
        for (auto left = exchange.replies; !left.empty();) {
            all.push_back(take_reply(left, request.messages).value());
        }
        replies = boost::json::serialize(all);
        return exchange;
    }

    SteadyClock clock;
    asio::io_context io{1};
    wire::ThreadEvents events;
    RedisContext context;
    RedisLink link;
    RedisServer server;
    std::string replies;
    std::size_t extra_replies = 0;
};

ScriptedServer::Script say(std::string bytes)
{
    return [bytes](Peer& peer) {
        peer.wait_for_bytes();
        peer.send(bytes);
        peer.wait_for_end();
    };
}

std::string redis_url(const ScriptedServer& server)
{
    return fmt::format("redis://127.0.0.1:{}", server.port());
}

} // namespace

TEST_CASE("commands of any kind reach a real Redis")
{
    const testing::RedisServer server;
    const int resp = GENERATE(2, 3);
    CAPTURE(resp);
    LinkFixture user(server.url(), resp);

    SECTION("one after the other over one connection, which is opened once")
    {
        const auto first = user.send({{"SET", "k", "a value"}});
        CHECK(first.error == ErrorKind::none);
        CHECK(first.new_connection);
        CHECK(first.phases.connecting > 0s);
        CHECK(first.phases.tls_handshaking > 0s); // AUTH
        CHECK(user.replies == R"(["OK"])");
        const auto second = user.send({{"GET", "k"}});
        CHECK_FALSE(second.new_connection);
        CHECK(second.phases.connecting == 0s);
        CHECK(second.phases.waiting > 0s);
        CHECK(user.replies == R"(["a value"])");
        CHECK(second.bytes_sent == 20);
        CHECK(second.bytes_received == 13);
    }
    SECTION("as a pipeline")
    {
        user.send({{"SET", "n", "1"}, {"INCR", "n"}, {"GET", "n"}, {"GET", "nothing"}});
        CHECK(user.replies == R"(["OK",2,"2",null])");
    }
    SECTION("as a transaction")
    {
        user.send({{"MULTI"}, {"SET", "n", "5"}, {"INCRBY", "n", "2"}, {"EXEC"}});
        CHECK(user.replies == R"(["OK","QUEUED","QUEUED",["OK",7]])");
    }
    SECTION("with a map where RESP3 has one")
    {
        user.send({{"HSET", "h", "a", "1"}, {"HGETALL", "h"}});
        CHECK(user.replies == (resp == 3 ? R"([1,{"a":"1"}])" : R"([1,["a","1"]])"));
    }
    SECTION("with a value of some megabytes, which comes in pieces")
    {
        const std::string large(5'000'000, 'x');
        user.send({{"SET", "large", large}});
        CHECK(user.send({{"GET", "large"}}).error == ErrorKind::none);
        CHECK(user.replies.size() == large.size() + 4);
        user.send({{"PING"}});
        CHECK(user.replies == R"(["PONG"])");
    }
}

TEST_CASE("error replies of Redis are errors of a kind, and the connection stays")
{
    const testing::RedisServer server;
    LinkFixture user(server.url());
    user.send({{"SET", "k", "v"}});
    const auto wrong = user.send({{"LPUSH", "k", "x"}});
    CHECK(wrong.error == ErrorKind::redis_error);
    CHECK_THAT(wrong.error_text, ContainsSubstring("WRONGTYPE"));
    const auto inside = user.send({{"MULTI"}, {"LPUSH", "k", "x"}, {"EXEC"}});
    CHECK(inside.error == ErrorKind::redis_error);
    const auto after = user.send({{"GET", "k"}});
    CHECK(after.error == ErrorKind::none);
    CHECK_FALSE(after.new_connection);
}

TEST_CASE("a password that is wrong or missing is an error of its own, and shown nowhere")
{
    const testing::RedisServer server;
    auto url = server.url();
    const int resp = GENERATE(2, 3);
    const auto secret = url.find("secret");
    SECTION("wrong")
    {
        url.replace(secret, 6, "hunter2");
        const auto exchange = LinkFixture(url, resp).send({{"PING"}});
        CHECK(exchange.error == ErrorKind::authentication);
        CHECK(exchange.error_text.find("hunter2") == std::string::npos);
    }
    SECTION("missing")
    {
        url.erase(secret - 1, 8);
        CHECK(LinkFixture(url, resp).send({{"PING"}}).error == ErrorKind::authentication);
    }
}

TEST_CASE("what a bad server does is an error of a named kind")
{
    SECTION("nobody listens")
    {
        const auto url = fmt::format("redis://127.0.0.1:{}", testing::free_port());
        CHECK(LinkFixture(url).send({{"PING"}}).error == ErrorKind::connection_refused);
    }
    SECTION("it never answers")
    {
        const testing::SilentServer server;
        const auto exchange = LinkFixture(fmt::format("redis://127.0.0.1:{}", server.port())).send({{"PING"}}, 50ms);
        CHECK(exchange.error == ErrorKind::timeout);
    }
    SECTION("it closes in the middle of a reply")
    {
        ScriptedServer server([](Peer& peer) {
            peer.wait_for_bytes();
            peer.send("$100\r\nabc");
        });
        const auto exchange = LinkFixture(redis_url(server)).send({{"GET", "k"}});
        CHECK(exchange.error == ErrorKind::connection_closed);
        CHECK_THAT(exchange.error_text, ContainsSubstring("middle"));
    }
    SECTION("it says something else")
    {
        ScriptedServer server(say("HTTP/1.1 400 Bad Request\r\n\r\n"));
        const auto exchange = LinkFixture(redis_url(server)).send({{"GET", "k"}});
        CHECK(exchange.error == ErrorKind::malformed_response);
        CHECK_THAT(exchange.error_text, ContainsSubstring("HTTP/1.1 400"));
    }
    SECTION("it says more than it was asked")
    {
        ScriptedServer server(say("+OK\r\n+OK\r\n"));
        CHECK(LinkFixture(redis_url(server)).send({{"PING"}}).error == ErrorKind::malformed_response);
    }
    SECTION("it redirects to another node of a cluster")
    {
        ScriptedServer server(say("-MOVED 3999 127.0.0.1:6381\r\n"));
        const auto exchange = LinkFixture(redis_url(server)).send({{"GET", "k"}});
        CHECK(exchange.error == ErrorKind::redis_error);
        CHECK_THAT(exchange.error_text, ContainsSubstring("MOVED"));
    }
    SECTION("it sends a bulk of 1 GiB, of which nothing is kept")
    {
        ScriptedServer server(say("$1073741824\r\n" + std::string(10'000'000, 'x')));
        rusage before{};
        getrusage(RUSAGE_SELF, &before);
        LinkFixture user(redis_url(server));
        CHECK(user.send({{"GET", "k"}}).error == ErrorKind::response_too_large);
        CHECK(user.context.idle_buffers.empty());
        CHECK_FALSE(user.link.is_open());
    }
}

TEST_CASE("a connection that the server closed meanwhile is replaced")
{
    const testing::RedisServer server;
    LinkFixture user(server.url());
    user.send({{"CLIENT", "ID"}});
    LinkFixture other(server.url());
    other.send({{"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}});
    const auto next = user.send({{"PING"}});
    // At once the loss may only show after sending; a command is never sent twice.
    CHECK((next.error == ErrorKind::connection_closed || next.error == ErrorKind::connection_reset));
    CHECK(user.send({{"PING"}}).new_connection);
}

TEST_CASE("closing ends what is under way, and many connections leave no descriptor")
{
    const testing::RedisServer server;
    const auto files = testing::open_files();
    {
        LinkFixture user(server.url());
        for (int round = 0; round < 200; ++round) {
            CHECK(user.send({{"PING"}}).new_connection);
            user.link.close();
        }
    }
    CHECK(testing::open_files() == files);
}

TEST_CASE("Redis over TLS")
{
    const TestCertificate certificate("DNS:localhost,IP:127.0.0.1");
    const testing::ServerFolder folder;
    const int port = testing::free_port();
    const auto log = folder.path() / "log";
    const testing::ChildProcess server({"redis-server", "--port", "0", "--tls-port", std::to_string(port), "--bind",
                                        "127.0.0.1", "--save", "", "--tls-cert-file", certificate.file,
                                        "--tls-key-file", certificate.key_file, "--tls-auth-clients", "no",
                                        "--tls-ca-cert-file", certificate.file},
                                       log, false);
    testing::wait_until_ready([port] { return testing::port_accepts(port); }, log);
    const auto url = fmt::format("rediss://127.0.0.1:{}", port);

    SECTION("whom the scenario trusts is spoken to")
    {
        LinkFixture user(url, 3, {true, certificate.file});
        const auto exchange = user.send({{"SET", "k", std::string(300'000, 'y')}, {"STRLEN", "k"}});
        CHECK(exchange.error == ErrorKind::none);
        CHECK(exchange.error_text.empty());
        CHECK(exchange.phases.tls_handshaking > 0s);
        CHECK(user.replies == R"(["OK",300000])");
        CHECK_FALSE(user.send({{"PING"}}).new_connection);
    }
    SECTION("and whom it does not is not")
    {
        CHECK(LinkFixture(url).send({{"PING"}}).error == ErrorKind::tls);
    }
}

} // namespace squall::drivers
