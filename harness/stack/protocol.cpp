#include "stack/protocol.hpp"

#include <boost/json.hpp>

#include <cstring>
#include <exception>

namespace squall::stack {

namespace json = boost::json;

namespace {

json::object spawn_object(const SpawnRequest& spawn)
{
    json::object object{
        {"name", spawn.name},
        {"argv", json::array(spawn.argv.begin(), spawn.argv.end())},
        {"environment", json::array(spawn.environment.begin(), spawn.environment.end())},
        {"directory", spawn.directory},
        {"log", spawn.log},
        {"stop_signal", spawn.stop_signal},
        {"hurry_signal", spawn.hurry_signal},
        {"death_signal", spawn.death_signal},
        {"grace_ms", spawn.grace.count()},
    };
    if (spawn.user) {
        object["user"] = {{"name", spawn.user->name}, {"uid", spawn.user->uid}, {"gid", spawn.user->gid}};
    }
    return object;
}

std::string text_of(const json::object& object, std::string_view key)
{
    return std::string(object.at(key).as_string());
}

std::vector<std::string> texts_of(const json::object& object, std::string_view key)
{
    std::vector<std::string> texts;
    for (const json::value& value : object.at(key).as_array()) {
        texts.emplace_back(value.as_string());
    }
    return texts;
}

SpawnRequest spawn_from(const json::object& object)
{
    SpawnRequest spawn;
    spawn.name = text_of(object, "name");
    spawn.argv = texts_of(object, "argv");
    spawn.environment = texts_of(object, "environment");
    spawn.directory = text_of(object, "directory");
    spawn.log = text_of(object, "log");
    spawn.stop_signal = object.at("stop_signal").to_number<int>();
    spawn.hurry_signal = object.at("hurry_signal").to_number<int>();
    spawn.death_signal = object.at("death_signal").to_number<int>();
    spawn.grace = std::chrono::milliseconds(object.at("grace_ms").to_number<std::int64_t>());
    if (const json::value* user = object.if_contains("user")) {
        const json::object& ids = user->as_object();
        spawn.user = UserIds{text_of(ids, "name"), ids.at("uid").to_number<uid_t>(), ids.at("gid").to_number<gid_t>()};
    }
    return spawn;
}

/// The object's only key says what it is.
Result<std::pair<std::string, json::object>> open_line(std::string_view line)
{
    json::parse_options options;
    options.allow_invalid_utf8 = true; // an environment may hold any bytes
    boost::system::error_code error;
    const json::value value = json::parse(line, error, {}, options);
    if (error || !value.is_object() || value.get_object().size() != 1 ||
        !value.get_object().begin()->value().is_object()) {
        return fail("not a message of the keeper's: {}", line.substr(0, 80));
    }
    const auto& entry = *value.get_object().begin();
    return std::pair(std::string(entry.key()), entry.value().get_object());
}

Result<Request> request_from(const std::string& kind, const json::object& body)
{
    if (kind == "spawn") {
        return Request(spawn_from(body));
    }
    if (kind == "remove_at_end") {
        return Request(RemoveAtEnd{text_of(body, "folder")});
    }
    if (kind == "stop_all") {
        return Request(StopAll{});
    }
    if (kind == "detach") {
        return Request(Detach{});
    }
    return fail("the keeper does not know the request \"{}\"", kind);
}

Result<Notice> notice_from(const std::string& kind, const json::object& body)
{
    if (kind == "hello") {
        return Notice(Hello{});
    }
    if (kind == "spawned") {
        return Notice(Spawned{text_of(body, "name"), body.at("pid").to_number<pid_t>(), text_of(body, "error")});
    }
    if (kind == "ended") {
        return Notice(Ended{text_of(body, "name"), body.at("pid").to_number<pid_t>(), body.at("code").to_number<int>(),
                            body.at("signal").to_number<int>()});
    }
    if (kind == "detached") {
        return Notice(Detached{});
    }
    return fail("the harness does not know the notice \"{}\"", kind);
}

struct Encoder {
    json::object operator()(const SpawnRequest& spawn) const { return {{"spawn", spawn_object(spawn)}}; }
    json::object operator()(const RemoveAtEnd& remove) const
    {
        return {{"remove_at_end", json::object{{"folder", remove.folder}}}};
    }
    json::object operator()(const StopAll&) const { return {{"stop_all", json::object()}}; }
    json::object operator()(const Detach&) const { return {{"detach", json::object()}}; }
    json::object operator()(const Hello&) const { return {{"hello", json::object()}}; }
    json::object operator()(const Spawned& spawned) const
    {
        return {{"spawned", json::object{{"name", spawned.name}, {"pid", spawned.pid}, {"error", spawned.error}}}};
    }
    json::object operator()(const Ended& ended) const
    {
        return {
            {"ended",
             json::object{{"name", ended.name}, {"pid", ended.pid}, {"code", ended.code}, {"signal", ended.signal}}}};
    }
    json::object operator()(const Detached&) const { return {{"detached", json::object()}}; }
};

} // namespace

std::string encode(const Request& request)
{
    return json::serialize(std::visit(Encoder{}, request));
}

std::string encode(const Notice& notice)
{
    return json::serialize(std::visit(Encoder{}, notice));
}

Result<Request> parse_request(std::string_view line)
{
    const auto opened = open_line(line);
    if (!opened) {
        return opened.error();
    }
    // A missing or mistyped member: Boost.JSON throws, and for us it is data.
    try {
        return request_from(opened->first, opened->second);
    } catch (const std::exception& problem) {
        return fail("a bad \"{}\" request: {}", opened->first, problem.what());
    }
}

Result<Notice> parse_notice(std::string_view line)
{
    const auto opened = open_line(line);
    if (!opened) {
        return opened.error();
    }
    try {
        return notice_from(opened->first, opened->second);
    } catch (const std::exception& problem) {
        return fail("a bad \"{}\" notice: {}", opened->first, problem.what());
    }
}

std::string describe(const Ended& ended)
{
    if (ended.signal != 0) {
        return fmt::format("was killed by signal {} ({})", ended.signal, ::strsignal(ended.signal));
    }
    return fmt::format("exited with code {}", ended.code);
}

std::vector<std::string> LineBuffer::feed(std::string_view bytes)
{
    partial_ += bytes;
    std::vector<std::string> lines;
    std::size_t start = 0;
    for (std::size_t end = partial_.find('\n'); end != std::string::npos; end = partial_.find('\n', start)) {
        lines.push_back(partial_.substr(start, end - start));
        start = end + 1;
    }
    partial_.erase(0, start);
    return lines;
}

} // namespace squall::stack
