#include "drivers/rpc_message.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace squall::drivers {
namespace {

namespace json = boost::json;

constexpr std::size_t shown_bytes = 120;
constexpr std::size_t deepest = 256;
constexpr std::size_t most_idle_bytes = std::size_t{64} * 1024;
constexpr int method_not_found = -32601;

/// The beginning of a text, with what no terminal shall see replaced.
std::string excerpt(std::string_view text)
{
    std::string shown(text.substr(0, shown_bytes));
    std::replace_if(
        shown.begin(), shown.end(), [](unsigned char letter) { return letter < ' ' || letter == 0x7f; }, '?');
    while (shown.size() < text.size() && !shown.empty() && (static_cast<unsigned char>(shown.back()) & 0x80U) != 0) {
        shown.pop_back(); // rather than half a letter
    }
    return fmt::format("\"{}{}\"", shown, shown.size() < text.size() ? "…" : "");
}

std::string quoted(std::string_view text)
{
    return json::serialize(json::string(text));
}

bool is_error_object(const json::value& error)
{
    const auto* object = error.if_object();
    const auto* code = object == nullptr ? nullptr : object->if_contains("code");
    const auto* message = object == nullptr ? nullptr : object->if_contains("message");
    return code != nullptr && message != nullptr && (code->is_int64() || code->is_uint64()) && message->is_string();
}

/// Why it is no answer; empty: it is one.
std::string_view wrong_with_answer(const json::object& message)
{
    const auto* error = message.if_contains("error");
    if (message.if_contains("id") == nullptr) {
        return "a message with neither a method nor an id";
    }
    if ((message.if_contains("result") != nullptr) == (error != nullptr)) {
        return "an answer with not one of result and error";
    }
    return error != nullptr && !is_error_object(*error) ? "an error without a code and a message" : "";
}

} // namespace

void append_message(std::optional<std::uint64_t> id, std::string_view method, std::string_view params, std::string& out)
{
    out += R"({"jsonrpc":"2.0")";
    if (id) {
        fmt::format_to(std::back_inserter(out), R"(,"id":{})", *id);
    }
    out += R"(,"method":)";
    out += quoted(method);
    if (!params.empty()) {
        out += R"(,"params":)";
        out += params;
    }
    out += '}';
}

void RpcConversation::call(std::string_view method, std::string_view params, std::string& out)
{
    forget_answer();
    awaited_ = next_id_++;
    append_message(awaited_, method, params, out);
}

RpcConversation::Heard RpcConversation::hear(std::string_view text, std::string& reply)
{
    json::parse_options options;
    options.max_depth = deepest;
    boost::system::error_code error;
    auto document = json::parse(text, error, {}, options);
    if (error) {
        return broken(fmt::format("what is not JSON ({})", error.message()), text);
    }
    auto* batch = document.if_array();
    if (batch == nullptr) {
        return hear_one(std::move(document), text, reply);
    }
    Heard heard = batch->empty() ? broken("an empty batch", text) : Heard::nothing;
    for (auto& message : *batch) {
        const auto one_text = json::serialize(message);
        const auto one = hear_one(std::move(message), one_text, reply);
        heard = heard == Heard::nothing || one == Heard::broken ? one : heard;
    }
    return heard;
}

RpcConversation::Heard RpcConversation::hear_one(json::value&& message, std::string_view text, std::string& reply)
{
    const auto* object = message.if_object();
    if (object == nullptr) {
        return broken("what is no object", text);
    }
    const auto* version = object->if_contains("jsonrpc");
    if (version == nullptr || !version->is_string() || version->get_string() != "2.0") {
        return broken("a message that is not of JSON-RPC 2.0", text);
    }
    const auto* method = object->if_contains("method");
    if (method == nullptr) {
        return hear_answer(std::move(message), text);
    }
    if (!method->is_string()) {
        return broken("a method that is no string", text);
    }
    const auto* id = object->if_contains("id");
    if (id == nullptr) {
        return Heard::nothing;
    }
    if (method->get_string() == "ping") {
        fmt::format_to(std::back_inserter(reply), "{{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":{{}}}}\n",
                       json::serialize(*id));
    } else {
        fmt::format_to(std::back_inserter(reply),
                       "{{\"jsonrpc\":\"2.0\",\"id\":{},\"error\":{{\"code\":{},\"message\":\"Method not "
                       "found\"}}}}\n",
                       json::serialize(*id), method_not_found);
    }
    return Heard::nothing;
}

RpcConversation::Heard RpcConversation::hear_answer(json::value&& message, std::string_view text)
{
    const auto& object = message.get_object();
    if (const auto wrong = wrong_with_answer(object); !wrong.empty()) {
        return broken(std::string(wrong), text);
    }
    const auto& id = object.at("id");
    boost::system::error_code no_number;
    const auto number = id.is_number() ? id.to_number<std::uint64_t>(no_number) : 0;
    // The server could not read our id: it can only be the call that waits.
    const bool to_nobody = id.is_null() && object.contains("error");
    if (!to_nobody && (!id.is_number() || no_number || number == 0 || number >= next_id_)) {
        return broken("an answer to what was not asked", text);
    }
    if (!awaited_ || (!to_nobody && number != *awaited_)) {
        return Heard::nothing; // late
    }
    awaited_.reset();
    answer_ = std::move(message);
    answer_text_.assign(text);
    return Heard::answer;
}

RpcConversation::Heard RpcConversation::broken(std::string what, std::string_view text)
{
    problem_ = fmt::format("the server said {}: {}", what, excerpt(text));
    return Heard::broken;
}

std::optional<std::string> RpcConversation::error_of_answer() const
{
    const auto* object = answer_.if_object();
    const auto* error = object == nullptr ? nullptr : object->if_contains("error");
    if (error == nullptr) {
        return std::nullopt;
    }
    return fmt::format("error {}: {}", json::serialize(error->at("code")),
                       excerpt(std::string_view(error->at("message").get_string())));
}

void RpcConversation::forget_answer()
{
    answer_ = nullptr;
    answer_text_.clear();
    if (answer_text_.capacity() > most_idle_bytes) {
        answer_text_.shrink_to_fit();
    }
}

} // namespace squall::drivers
