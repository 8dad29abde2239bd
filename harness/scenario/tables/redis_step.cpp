// Steps over Redis: redis = "GET user:1", and subscribe = "channel".
#include "base/text.hpp"
#include "scenario/command_words.hpp"
#include "scenario/shapes/collections.hpp"
#include "scenario/tables/tables.hpp"

namespace squall::scenario {
namespace {

using Words = std::vector<Template>;

constexpr std::string_view command_expected =
    "a command such as \"GET user:1\", an array of its words, or an array of commands";
constexpr int most_repeats = 100'000;
constexpr int most_messages = 1'000'000;
constexpr int most_shared = 10'000;

RedisStep& redis_of(Step& step)
{
    return std::get<RedisStep>(step.action);
}

/// "GET a", ["GET", "a"], or [["GET", "a"], "GET b"]: a list that holds a list is one of commands.
class CommandsShape final : public ShapeOf<std::vector<Words>> {
public:
    [[nodiscard]] std::string expected() const override { return std::string(command_expected); }

    [[nodiscard]] boost::json::object schema(SchemaUse /*use*/) const override
    {
        const boost::json::object scalar{{"type", boost::json::array{"string", "number", "boolean"}}};
        const boost::json::object words{{"type", "array"}, {"items", scalar}, {"minItems", 1}};
        const boost::json::object text{{"type", "string"}};
        const boost::json::object each{{"anyOf", boost::json::array{text, words}}};
        return {{"anyOf", boost::json::array{
                              text, words, boost::json::object{{"type", "array"}, {"items", each}, {"minItems", 1}}}}};
    }

    bool read(const Cursor& cursor, std::vector<Words>& into) const override
    {
        into.clear();
        const auto* list = cursor.node().as<NodeList>();
        if (list == nullptr || !holds_list(*list)) {
            return read_command(cursor, into.emplace_back());
        }
        bool ok = true;
        std::size_t number = 0;
        for (const auto& item : list->items) {
            ok = read_command(cursor.item(item, fmt::format("#{}", ++number)), into.emplace_back()) && ok;
        }
        return ok;
    }

private:
    static bool holds_list(const NodeList& list)
    {
        return std::any_of(list.items.begin(), list.items.end(),
                           [](const auto& item) { return item.template as<NodeList>() != nullptr; });
    }

    static bool read_command(const Cursor& cursor, Words& words)
    {
        if (const auto* text = cursor.node().as<std::string>()) {
            return read_line(*text, cursor, words);
        }
        const auto* list = cursor.node().as<NodeList>();
        if (list == nullptr || list->items.empty()) {
            cursor.report_type(command_expected);
            return false;
        }
        const auto scalar = template_scalar();
        bool ok = true;
        std::size_t number = 0;
        for (const auto& item : list->items) {
            ok = scalar->read(cursor.item(item, fmt::format("#{}", ++number)), words.emplace_back()) && ok;
        }
        return ok;
    }

    static bool read_line(const std::string& text, const Cursor& cursor, Words& words)
    {
        const auto parts = split_command(text);
        if (!parts || parts->empty()) {
            cursor.report(fmt::format("{}; expected {}", parts ? "an empty text is no command" : parts.error().message,
                                      command_expected));
            return false;
        }
        for (const auto& part : *parts) {
            auto word = read_template(part, cursor);
            if (!word) {
                return false;
            }
            words.push_back(std::move(*word));
        }
        return true;
    }
};

/// "per_call", or { shared = 4 }.
class ConnectionShape final : public ShapeOf<RedisConnectionUse> {
public:
    [[nodiscard]] std::string expected() const override { return "\"of_user\", \"per_call\", or { shared = 4 }"; }

    [[nodiscard]] boost::json::object schema(SchemaUse use) const override
    {
        const boost::json::object words{{"enum", boost::json::array{"of_user", "per_call"}}};
        return {{"anyOf", boost::json::array{words, shared_->schema(use)}}};
    }

    bool read(const Cursor& cursor, RedisConnectionUse& into) const override
    {
        using Kind = RedisConnectionUse::Kind;
        if (cursor.node().as<NodeTable>() != nullptr) {
            into.kind = Kind::shared;
            return shared_->read(cursor, into);
        }
        const auto* word = cursor.node().as<std::string>();
        if (word == nullptr || (*word != "of_user" && *word != "per_call")) {
            cursor.report_type(expected());
            return false;
        }
        into.kind = *word == "per_call" ? Kind::per_call : Kind::of_user;
        return true;
    }

private:
    static ShapePtr<RedisConnectionUse> shared_shape()
    {
        Fields<RedisConnectionUse> fields;
        fields.required("shared", "So many connections an engine thread; who finds none free waits.",
                        &RedisConnectionUse::shared, integer(1, most_shared));
        return table<RedisConnectionUse>("a table such as { shared = 4 }", fields);
    }

    ShapePtr<RedisConnectionUse> shared_ = shared_shape();
};

void add_server_keys(Fields<Step>& fields)
{
    fields.optional(
        "server", "Which Redis: redis:// or rediss:// (TLS), with a password where it wants one.",
        [](Step& step) -> Template& { return redis_of(step).server; }, template_text());
    fields.optional(
        "resp", "The protocol's version.", [](Step& step) -> int& { return redis_of(step).resp; }, integer(2, 3));
    fields.optional("expect", "What the reply must be; without `error` an error reply is an error.", &Step::expect,
                    reply_expectation_shape());
    fields.optional("save", "The reply, or parts of it, that become variables.", &Step::save, saves_shape());
}

bool settle_server(const Cursor& cursor, Step& step)
{
    if (cursor.has("server")) {
        return true;
    }
    auto parsed = parse_template("${redis}", cursor.place());
    redis_of(step).server = std::move(*parsed);
    return true;
}

/// "GET user:${data.id}" → "GET".
std::string command_name(std::string_view text)
{
    const auto words = split_command(text);
    return words && !words->empty() ? words->front() : std::string(text);
}

std::string channel_name(std::string_view text)
{
    return fmt::format("SUBSCRIBE {}", text);
}

} // namespace

StepKind redis_step()
{
    Fields<Step> fields([](Step& step) { step.action = RedisStep{}; });
    fields.required(
        "redis", "A command as redis-cli takes it, an array of its words, or an array of commands: a pipeline.",
        [](Step& step) -> std::vector<Words>& { return redis_of(step).commands; },
        ShapePtr<std::vector<Words>>(std::make_shared<CommandsShape>()));
    fields.optional(
        "pipeline", "The commands are sent so many times over, all at once.",
        [](Step& step) -> int& { return redis_of(step).repeat; }, integer(1, most_repeats));
    fields.optional(
        "transaction", "The commands stand between MULTI and EXEC; the reply is EXEC's.",
        [](Step& step) -> bool& { return redis_of(step).transaction; }, boolean());
    fields.optional(
        "connection", "of_user: as the user's `connection` says; per_call: a new one each time; or a number shared.",
        [](Step& step) -> RedisConnectionUse& { return redis_of(step).connection; },
        ShapePtr<RedisConnectionUse>(std::make_shared<ConnectionShape>()));
    add_server_keys(fields);
    fields.finally(settle_server);
    return {"redis", fields, command_name};
}

StepKind subscribe_step()
{
    Fields<Step> fields([](Step& step) {
        step.action = RedisStep{};
        redis_of(step).messages = 1;
        const std::string command = "SUBSCRIBE";
        redis_of(step).commands = {{Template{command, {}, {Segment{command, false}}}, Template{}}};
    });
    fields.required(
        "subscribe", "The channel of Redis whose messages are waited for.",
        [](Step& step) -> Template& { return redis_of(step).commands.front().back(); }, template_text());
    fields.optional(
        "messages", "So many must come before the timeout.", [](Step& step) -> int& { return redis_of(step).messages; },
        integer(1, most_messages));
    add_server_keys(fields);
    fields.finally(settle_server);
    return {"subscribe", fields, channel_name};
}

} // namespace squall::scenario
