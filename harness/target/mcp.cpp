#include "target/mcp.hpp"

#include <boost/json.hpp>

namespace squall::target {
namespace {

namespace json = boost::json;

constexpr int parse_error = -32700;
constexpr int invalid_request = -32600;
constexpr int method_not_found = -32601;
constexpr int invalid_params = -32602;
constexpr int internal_error = -32603;
constexpr std::string_view newest_version = "2025-06-18";

/// What a method gives: a result, or an error.
struct Outcome {
    json::value result;
    int code = 0; // 0: a result
    std::string message;
};

Outcome refused(int code, std::string message)
{
    return {nullptr, code, std::move(message)};
}

const std::string* text_in(const json::object& object, std::string_view key, std::string& into)
{
    const auto* value = object.if_contains(key);
    if (value == nullptr || !value->is_string()) {
        return nullptr;
    }
    into = std::string_view(value->get_string());
    return &into;
}

Outcome initialize(const json::object& params)
{
    std::string version;
    if (text_in(params, "protocolVersion", version) == nullptr) {
        version = newest_version;
    }
    return {json::object{{"protocolVersion", version},
                         {"capabilities", json::object{{"tools", json::object{}}}},
                         {"serverInfo", json::object{{"name", "squall-target"}, {"version", SQUALL_VERSION}}}},
            0,
            {}};
}

json::object tool(std::string_view name, std::string_view description, std::initializer_list<std::string_view> keys)
{
    json::object properties;
    json::array required;
    for (const auto key : keys) {
        properties[key] = json::object{{"type", "string"}};
        required.emplace_back(key);
    }
    return {
        {"name", name},
        {"description", description},
        {"inputSchema",
         json::object{{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}}}};
}

json::object content(std::string_view text, bool wrong)
{
    return {{"content", json::array{json::object{{"type", "text"}, {"text", text}}}}, {"isError", wrong}};
}

Outcome call_tool(const json::object& params, Notes& notes)
{
    std::string name;
    std::string key;
    std::string text;
    const auto* arguments = params.if_contains("arguments");
    const json::object none;
    const auto& given = arguments != nullptr && arguments->is_object() ? arguments->get_object() : none;
    if (text_in(params, "name", name) == nullptr || (name != "remember" && name != "recall")) {
        return refused(invalid_params, "unknown tool");
    }
    if (text_in(given, "key", key) == nullptr || (name == "remember" && text_in(given, "text", text) == nullptr)) {
        return refused(invalid_params, "arguments are missing");
    }
    if (name == "remember") {
        const auto done = notes.remember(key, text);
        return done ? Outcome{content("remembered", false), 0, {}} : refused(internal_error, done.error().message);
    }
    const auto found = notes.recall(key);
    if (!found) {
        return refused(internal_error, found.error().message);
    }
    return {content(found->value_or("nothing is known of that"), !found->has_value()), 0, {}};
}

Outcome perform(std::string_view method, const json::object& params, Notes& notes)
{
    if (method == "initialize") {
        return initialize(params);
    }
    if (method == "ping" || method == "shutdown") {
        return {json::object{}, 0, {}};
    }
    if (method == "tools/list") {
        return {json::object{{"tools", json::array{tool("remember", "Keeps a text under a key", {"key", "text"}),
                                                   tool("recall", "The text that is kept under a key", {"key"})}}},
                0,
                {}};
    }
    if (method == "tools/call") {
        return call_tool(params, notes);
    }
    return refused(method_not_found, "Method not found");
}

std::string message_of(const json::value& id, Outcome outcome)
{
    json::object message{{"jsonrpc", "2.0"}, {"id", id}};
    if (outcome.code == 0) {
        message["result"] = std::move(outcome.result);
    } else {
        message["error"] = json::object{{"code", outcome.code}, {"message", outcome.message}};
    }
    return json::serialize(message);
}

} // namespace

McpAnswer answer_mcp(std::string_view message, Notes& notes)
{
    boost::system::error_code failed;
    const auto document = json::parse(message, failed);
    if (failed) {
        return {message_of(nullptr, refused(parse_error, "Parse error")), false, false};
    }
    const auto* object = document.if_object();
    std::string method;
    if (object == nullptr || text_in(*object, "method", method) == nullptr) {
        return {message_of(nullptr, refused(invalid_request, "Invalid Request")), false, false};
    }
    const auto* id = object->if_contains("id");
    if (id == nullptr) {
        return {std::nullopt, false, method == "exit"};
    }
    const auto* params = object->if_contains("params");
    const json::object none;
    auto outcome = perform(method, params != nullptr && params->is_object() ? params->get_object() : none, notes);
    const bool initialized = method == "initialize" && outcome.code == 0;
    return {message_of(*id, std::move(outcome)), initialized, false};
}

} // namespace squall::target
