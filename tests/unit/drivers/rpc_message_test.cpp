#include "drivers/rpc_message.hpp"

#include "drivers/event_stream.hpp"
#include "drivers/line_reader.hpp"

#include "catch.hpp"

#include <boost/json.hpp>

#include <vector>

namespace squall::drivers {
namespace {

using Heard = RpcConversation::Heard;

/// The lines of `bytes`, given in pieces of `piece`.
std::vector<std::string> lines_of(LineReader& reader, std::string_view bytes, std::size_t piece)
{
    std::vector<std::string> lines;
    while (!bytes.empty() && !reader.is_too_long()) {
        auto part = bytes.substr(0, piece);
        bytes.remove_prefix(part.size());
        while (const auto line = reader.next(part)) {
            lines.emplace_back(*line);
        }
    }
    return lines;
}

class Talk {
public:
    Talk() { conversation.call("tools/call", R"({"name":"recall"})", sent); }

    Heard hear(std::string_view text) { return conversation.hear(text, reply); }

    RpcConversation conversation;
    std::string sent;
    std::string reply;
};

} // namespace

TEST_CASE("lines are the same however their bytes come")
{
    const std::string_view text = "one\n\nthree and a bit\nunfinished";
    for (const std::size_t piece : {1U, 2U, 5U, 100U}) {
        CAPTURE(piece);
        LineReader reader(20);
        CHECK(lines_of(reader, text, piece) == std::vector<std::string>{"one", "", "three and a bit"});
        CHECK(reader.kept() == 10);
    }
}

TEST_CASE("a line above the limit is told, and nothing of it is kept")
{
    for (const std::size_t piece : {1U, 3U, 100U}) {
        CAPTURE(piece);
        LineReader reader(5);
        CHECK(lines_of(reader, "12345\n123456\n1\n", piece) == std::vector<std::string>{"12345"});
        CHECK(reader.is_too_long());
        CHECK(reader.kept() == 0);
    }
}

TEST_CASE("messages are written as JSON-RPC 2.0 has them")
{
    std::string out;
    append_message(7, "a\"b", R"([1])", out);
    CHECK(out == R"({"jsonrpc":"2.0","id":7,"method":"a\"b","params":[1]})");
    out.clear();
    append_message(std::nullopt, "notifications/initialized", "", out);
    CHECK(out == R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
}

TEST_CASE("an answer is known by its id")
{
    Talk talk;
    CHECK(talk.sent == R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"recall"}})");
    CHECK(talk.hear(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{}})") == Heard::nothing);
    CHECK(talk.hear(R"( {"jsonrpc":"2.0","id":1,"result":{"a":2}} )") == Heard::answer);
    CHECK(talk.conversation.answer().at("result").at("a") == 2);
    CHECK_FALSE(talk.conversation.error_of_answer());
    CHECK_FALSE(talk.conversation.awaits());

    std::string sent;
    talk.conversation.call("ping", "", sent);
    talk.conversation.give_up();
    talk.conversation.call("ping", "", sent);
    CHECK(talk.hear(R"({"jsonrpc":"2.0","id":2,"result":{}})") == Heard::nothing); // late
    CHECK(talk.hear(R"({"jsonrpc":"2.0","id":3,"result":{}})") == Heard::answer);
    CHECK(talk.hear(R"({"jsonrpc":"2.0","id":4,"result":{}})") == Heard::broken); // not asked
}

TEST_CASE("an error is an answer with a code and a message")
{
    Talk talk;
    CHECK(talk.hear(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no\nsuch"}})") == Heard::answer);
    CHECK(talk.conversation.error_of_answer() == "error -32601: \"no?such\"");

    Talk unreadable; // the server could not read the id
    CHECK(unreadable.hear(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}})") == Heard::answer);
}

TEST_CASE("what the server asks is refused, but for a ping")
{
    Talk talk;
    CHECK(talk.hear(R"({"jsonrpc":"2.0","id":"s-1","method":"sampling/createMessage","params":{}})") == Heard::nothing);
    CHECK(talk.hear(R"({"jsonrpc":"2.0","id":9,"method":"ping"})") == Heard::nothing);
    CHECK(talk.reply ==
          "{\"jsonrpc\":\"2.0\",\"id\":\"s-1\",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}\n"
          "{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":{}}\n");
}

TEST_CASE("a batch is heard message by message")
{
    Talk talk;
    CHECK(talk.hear(R"([{"jsonrpc":"2.0","method":"n"},{"jsonrpc":"2.0","id":1,"result":5}])") == Heard::answer);
    CHECK(talk.conversation.answer_text() == R"({"jsonrpc":"2.0","id":1,"result":5})");
    CHECK(Talk().hear("[]") == Heard::broken);
    CHECK(Talk().hear(R"([{"jsonrpc":"2.0","id":1,"result":5},7])") == Heard::broken);
}

TEST_CASE("what is not JSON-RPC 2.0 is told with its beginning")
{
    const std::vector<std::string> bad{
        "Listening on port 3000",
        "\"text\"",
        "{}",
        R"({"id":1,"result":1})",
        R"({"jsonrpc":"1.0","id":1,"result":1})",
        R"({"jsonrpc":"2.0","result":1})",
        R"({"jsonrpc":"2.0","id":1})",
        R"({"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":""}})",
        R"({"jsonrpc":"2.0","id":1,"error":"no"})",
        R"({"jsonrpc":"2.0","id":1,"error":{"code":"1","message":""}})",
        R"({"jsonrpc":"2.0","id":"1","result":1})",
        R"({"jsonrpc":"2.0","id":1.5,"result":1})",
        R"({"jsonrpc":"2.0","id":-1,"result":1})",
        R"({"jsonrpc":"2.0","id":1,"method":5})",
        std::string(1000, '['),
    };
    for (const auto& text : bad) {
        Talk talk;
        CAPTURE(text);
        CHECK(talk.hear(text) == Heard::broken);
        CHECK(talk.conversation.problem().starts_with("the server said "));
        CHECK(talk.conversation.problem().size() < 300);
        CHECK(talk.conversation.awaits());
    }
    Talk talk;
    (void)talk.hear("Listening\x1b[31m on port 3000");
    CHECK(talk.conversation.problem().find("\"Listening?[31m on port 3000\"") != std::string::npos);
}

TEST_CASE("events of a stream have the data of their lines")
{
    EventStream stream(
        ": hello\r\nevent: message\r\nid: 4\r\ndata: {\"a\":\r\ndata:1}\r\n\r\n\n\ndata\n\ndata: cut off");
    CHECK(stream.next() == "{\"a\":\n1}");
    CHECK(stream.next() == "");
    CHECK_FALSE(stream.next());
    CHECK_FALSE(EventStream("").next());
}

} // namespace squall::drivers
