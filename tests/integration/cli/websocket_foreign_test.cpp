// The claim: TLS with a private authority, subprotocols, permessage-deflate and opening again after a failure are what
// the rest of the world means by them: a server that is not ours, Python's websockets, agrees.
#include "integration/drivers/test_certificate.hpp"
#include "squall_process.hpp"
#include "steps.hpp"

#include "catch.hpp"
#include "result/result_file.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace squall;
using namespace squall::cli::test;

namespace {

/// Answers with what it has agreed upon; /flaky refuses three times and then tells whether the pauses were long enough;
/// /broken ends without a close frame twice a client.
constexpr const char* service = R"(import asyncio, http, json, ssl, sys
import websockets

tries, broken = [], []

async def refuse(path, headers):
    if path == "/flaky":
        tries.append(asyncio.get_running_loop().time())
        if len(tries) <= 3:
            return http.HTTPStatus.SERVICE_UNAVAILABLE, [], b""

async def serve(socket, path):
    if path == "/flaky":
        pauses = [after - before for before, after in zip(tries, tries[1:])]
        await socket.send("patient" if all(pause >= least for pause, least in zip(pauses, (0.02, 0.04, 0.08))) else
                          f"impatient: {pauses}")
    elif path == "/broken" and len(broken) < 2:
        broken.append(path)
        socket.transport.abort()
        return
    async for message in socket:
        await socket.send(json.dumps({"id": message, "agreed": str(socket.subprotocol),
                                      "extensions": [extension.name for extension in socket.extensions]}))

async def main():
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain("cert.pem", "key.pem")
    async with websockets.serve(serve, "127.0.0.1", int(sys.argv[1]), ssl=tls, subprotocols=["chat.v2", "chat.v1"],
                                process_request=refuse):
        await asyncio.Future()

asyncio.run(main())
)";

// /usr/bin/python3: the one that has Debian's python3-websockets.
constexpr const char* scenario = R"(primer = "0s"
duration = "2s"
quiesce = "0s"
tls = { ca_file = "cert.pem" }
[stack.service.chat]
command = "exec /usr/bin/python3 service.py ${port}"
ready = "tcp://127.0.0.1:${port}"
url = "wss://localhost:${port}"
[[user]]
name = "plain"
arrival = { rate = "10/s" }
  [[user.step]]
  name = "plain"
  ws = "${chat}/"
  say = { text = "${ws.id}", echo = true }
  expect = { message = '"agreed": "None", "extensions": \[\]' }
[[user]]
name = "agreeing"
arrival = { rate = "10/s" }
  [[user.step]]
  name = "agreeing"
  ws = "${chat}/"
  subprotocols = ["chat.v1", "chat.v2"]
  deflate = true
  say = { text = "${ws.id} and the same words and the same words and the same words", echo = true }
  expect = { message = '"agreed": "chat.v[12]", "extensions": \["permessage-deflate"\]' }
[[user]]
name = "returning"
arrival = { closed = 1 }
think = "1h"
  [[user.step]]
  name = "flaky"
  ws = "${chat}/flaky"
  expect = { message = "^patient$" }
  reconnect = { attempts = 5, backoff = "40ms..1s" }
  [[user.step]]
  name = "broken"
  ws = "${chat}/broken"
  say = { text = "${ws.id}", echo = true }
  hold = "500ms"
  reconnect = { attempts = 5, backoff = "10ms..20ms" }
[profile.untrusted.tls]
ca_file = "other.pem"
)";

std::string text_of(const std::string& file)
{
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

result::RunResult run_of(const Arguments& more)
{
    const drivers::TestCertificate certificate("DNS:localhost");
    const drivers::TestCertificate other("DNS:localhost");
    Workplace place;
    place.write("scenario.toml", scenario);
    place.write("service.py", service);
    place.write("cert.pem", text_of(certificate.file));
    place.write("key.pem", text_of(certificate.key_file));
    place.write("other.pem", text_of(other.file));
    Arguments arguments{"run", "scenario.toml", "--out", "out"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto ended = place.squall(arguments);
    INFO(ended.out << ended.err);
    REQUIRE(ended.exit_code == 0);
    return result::read_result((place.path() / "out/result.json").string()).value();
}

} // namespace

TEST_CASE("a foreign server agrees on TLS, subprotocols, compression and when to come back")
{
    const auto run = run_of({});
    for (const std::string name : {"plain", "agreeing"}) {
        INFO(name);
        CHECK(step_of(run, name).requests == 20);
        CHECK(step_of(run, name).errors == 0);
        CHECK(step_of(run, name).phase_means.tls_handshaking_seconds > 0);
        CHECK(step_of(run, name + "/echo").requests == 20);
        CHECK(step_of(run, name + "/echo").errors == 0);
        CHECK(step_of(run, name + "/close").errors == 0); // where an unexpected first message would be
    }
    CHECK(step_of(run, "flaky").requests == 4);
    CHECK(step_of(run, "flaky").errors_by_kind == std::map<std::string, std::uint64_t>{{"upgrade_refused", 3}});
    CHECK(step_of(run, "flaky/close").errors == 0);
    CHECK(step_of(run, "broken").requests == 3);
    CHECK(step_of(run, "broken").errors == 0);
    CHECK(step_of(run, "broken/close").requests == 3); // twice cut, once closed in order
    CHECK(step_of(run, "broken/close").errors == 2);
}

TEST_CASE("a server whose certificate another authority has signed is not spoken to")
{
    const auto run = run_of({"--profile", "untrusted"});
    CHECK(step_of(run, "plain").requests == 20);
    CHECK(step_of(run, "plain").errors_by_kind.at("tls") == 20);
    CHECK(step_of(run, "plain").messages_sent == 0);
}
