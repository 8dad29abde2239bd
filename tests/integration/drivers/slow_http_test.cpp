// The claim: a slow client holds a service as long as the service lets it, and says how long that was; a half-open one
// says nothing more, and does not close.
#include "client_fixture.hpp"
#include "drivers/slow_http.hpp"
#include "scripted_server.hpp"

#include "catch.hpp"

using namespace squall;
using namespace squall::drivers;
using namespace std::chrono_literals;

namespace {

using Kind = SlowPace::Kind;

const bool going_on = false; // nobody comes to an end

HttpExchange slowly(ClientFixture& fixture, SlowHttpClient& client, const std::string& url, SlowPace pace,
                    std::optional<std::string_view> body = {})
{
    const auto parsed = wire::parse_url(url).value();
    HttpRequest request;
    request.method = body ? "POST" : "GET";
    request.url = &parsed;
    request.body = body;
    const auto now = fixture.clock.now();
    HttpExchange exchange;
    bool done = false;
    wire::start(client.perform(request, pace, {now, now + 5s}, exchange), [&done](std::exception_ptr thrown) {
        if (thrown) {
            std::rethrow_exception(thrown);
        }
        done = true;
    });
    fixture.io.restart();
    while (!done) {
        fixture.io.run_one();
    }
    return exchange;
}

Duration held(const HttpExchange& exchange)
{
    return exchange.ended - exchange.started;
}

} // namespace

TEST_CASE("a request that is written slowly arrives whole, piece by piece")
{
    std::string seen;
    ScriptedServer server([&seen](Peer& peer) {
        seen = peer.request().value_or("");
        peer.answer("ok");
    });
    ClientFixture fixture;
    SlowHttpClient client(fixture.context, going_on);
    const auto exchange = slowly(fixture, client, server.url("/slow"), {Kind::write, 20, 10ms, 5s}, "0123456789");
    CHECK(exchange.error == measure::ErrorKind::none);
    CHECK(exchange.status == 200);
    CHECK(seen.starts_with("POST /slow HTTP/1.1\r\n"));
    CHECK(seen.ends_with("\r\n\r\n0123456789"));
    CHECK(exchange.bytes_sent == seen.size());
    CHECK(held(exchange) >= static_cast<int>(seen.size() / 20 - 1) * 10ms);
    CHECK(held(exchange) < 5s);
}

TEST_CASE("a service that sends a slow client away ends its time, and that is no error")
{
    ScriptedServer server([](Peer& peer) { peer.close(); });
    ClientFixture fixture;
    SlowHttpClient client(fixture.context, going_on);
    const auto exchange = slowly(fixture, client, server.url(), {Kind::write, 1, 50ms, 20s});
    CHECK(exchange.error == measure::ErrorKind::none);
    CHECK(exchange.status == 0);
    CHECK(held(exchange) < 5s);
}

TEST_CASE("an answer is read as slowly as is said, to its end or to the end of the client's time")
{
    const std::string large(8U << 20U, 'x');
    ScriptedServer server(always_answer(large));
    ClientFixture fixture;
    SlowHttpClient client(fixture.context, going_on);
    const auto cut = slowly(fixture, client, server.url(), {Kind::read, 1000, 10ms, 300ms});
    CHECK(cut.error == measure::ErrorKind::none);
    CHECK(cut.status == 200);
    CHECK(cut.bytes_received > 5'000);
    CHECK(cut.bytes_received <= 31'000);
    CHECK(held(cut) >= 300ms);

    ScriptedServer small(always_answer("short"));
    const auto whole = slowly(fixture, client, small.url(), {Kind::read, 10, 5ms, 10s});
    CHECK(whole.status == 200);
    CHECK(held(whole) < 5s);
}

TEST_CASE("a half-open upload stops in its body, and its connection stays open behind the client's end")
{
    std::atomic<bool> ended{false};
    std::atomic<bool> began{false};
    ScriptedServer server([&](Peer& peer) {
        began = true;
        ended = false;
        peer.wait_for_end();
        ended = true;
    });
    ClientFixture fixture;
    auto client = std::make_unique<SlowHttpClient>(fixture.context, going_on);
    const std::string body(1000, 'b');
    const auto exchange = slowly(fixture, *client, server.url("/up"), {Kind::half_open, 100, 0ms, 100ms}, body);
    CHECK(exchange.error == measure::ErrorKind::none);
    CHECK(exchange.bytes_sent > 100);
    CHECK(exchange.bytes_sent < 1000);
    client->close();
    CHECK(began);
    CHECK_FALSE(ended);
    client.reset();
    CHECK_FALSE(ended);
    CHECK(fixture.context.vanished.size() == 1);
    fixture.context.vanished.release();
    for (int look = 0; look < 500 && !ended; ++look) {
        std::this_thread::sleep_for(10ms); // the end of another thread's read
    }
    CHECK(ended);
}

TEST_CASE("a slow client that cannot connect says why")
{
    ClientFixture fixture;
    SlowHttpClient client(fixture.context, going_on);
    CHECK(slowly(fixture, client, "http://127.0.0.1:1/", {Kind::write, 1, 1s, 1s}).error ==
          measure::ErrorKind::connection_refused);
    const auto secure = slowly(fixture, client, "https://127.0.0.1:1/", {Kind::write, 1, 1s, 1s});
    CHECK(secure.error == measure::ErrorKind::internal);
    CHECK(secure.error_text == "a slow or half-open request goes over plain TCP; expected http://");
}

TEST_CASE("a slow client whose user comes to an end is cut short, and that is no error")
{
    ScriptedServer server([](Peer& peer) { peer.wait_for_end(); });
    ClientFixture fixture;
    bool stopping = false;
    SlowHttpClient client(fixture.context, stopping);
    asio::steady_timer end_of_load(fixture.io, 50ms);
    end_of_load.async_wait([&](error_code) {
        stopping = true;
        client.stop();
    });
    const auto kind = GENERATE(Kind::write, Kind::read, Kind::half_open);
    const auto exchange = slowly(fixture, client, server.url(), {kind, 1, 10ms, 20s}, "body");
    CHECK(exchange.error == measure::ErrorKind::none);
    CHECK(exchange.cut_short);
    CHECK(held(exchange) < 5s);
}
