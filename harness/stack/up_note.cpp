// The note of `squall up`: JSON in a folder that only the user can write.
#include "stack/up_note.hpp"

#include "stack/private_folder.hpp"

#include <boost/json.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace squall::stack {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::string note_path(const std::string& state_folder)
{
    return (fs::path(state_folder) / "stack.json").string();
}

json::object service_object(const ServiceInfo& service)
{
    return {{"name", service.name}, {"kind", service.kind}, {"url", service.url},
            {"port", service.port}, {"pid", service.pid},   {"log", service.log}};
}

std::string text_of(const json::object& object, std::string_view key)
{
    return std::string(object.at(key).as_string());
}

ServiceInfo service_from(const json::object& object)
{
    return ServiceInfo{text_of(object, "name"),
                       text_of(object, "kind"),
                       text_of(object, "url"),
                       object.at("port").to_number<int>(),
                       object.at("pid").to_number<pid_t>(),
                       text_of(object, "log")};
}

UpState state_from(const json::object& object)
{
    UpState state;
    state.scenario_file = text_of(object, "scenario_file");
    state.run_folder = text_of(object, "run_folder");
    state.keeper_pid = object.at("keeper_pid").to_number<pid_t>();
    state.keeper_start = object.at("keeper_start").to_number<std::uint64_t>();
    state.boot_id = text_of(object, "boot_id");
    for (const json::value& folder : object.at("private_folders").as_array()) {
        state.private_folders.emplace_back(folder.as_string());
    }
    for (const json::value& service : object.at("services").as_array()) {
        state.services.push_back(service_from(service.as_object()));
    }
    for (const auto& [name, value] : object.at("variables").as_object()) {
        state.variables.emplace(name, value.as_string());
    }
    return state;
}

/// /tmp is everybody's: a folder there is believed only if it is ours and closed to others.
Result<void> check_owner(const std::string& state_folder)
{
    struct stat info {};
    if (::lstat(state_folder.c_str(), &info) != 0) {
        return fail("cannot look at {}: {}", state_folder, std::strerror(errno));
    }
    if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & 077) != 0) {
        return fail("{} is not a folder of this user's alone, so what it says is not believed; remove it or set "
                    "XDG_RUNTIME_DIR",
                    state_folder);
    }
    return {};
}

} // namespace

Result<void> write_up_note(const UpState& state, const std::string& state_folder)
{
    if (::mkdir(state_folder.c_str(), 0700) != 0 && errno != EEXIST) {
        return fail("cannot make {}: {}", state_folder, std::strerror(errno));
    }
    const auto ours = check_owner(state_folder);
    if (!ours) {
        return ours;
    }
    const std::string path = note_path(state_folder);
    const auto written = write_private_file(path + ".new", to_json_text(state), std::nullopt);
    if (!written) {
        return written;
    }
    std::error_code error;
    fs::rename(path + ".new", path, error);
    if (error) {
        return fail("cannot write {}: {}", path, error.message());
    }
    return {};
}

void remove_up_note(const std::string& state_folder)
{
    std::error_code ignored;
    fs::remove(note_path(state_folder), ignored);
    fs::remove(state_folder, ignored);
}

std::string to_json_text(const UpState& state)
{
    json::array services;
    for (const ServiceInfo& service : state.services) {
        services.push_back(service_object(service));
    }
    json::object variables;
    for (const auto& [name, value] : state.variables) {
        variables[name] = value;
    }
    return json::serialize(json::object{
        {"scenario_file", state.scenario_file},
        {"run_folder", state.run_folder},
        {"keeper_pid", state.keeper_pid},
        {"keeper_start", state.keeper_start},
        {"boot_id", state.boot_id},
        {"private_folders", json::array(state.private_folders.begin(), state.private_folders.end())},
        {"services", std::move(services)},
        {"variables", std::move(variables)},
    });
}

Result<UpState> parse_up_state(std::string_view text)
{
    // Bad JSON and a missing member: Boost.JSON throws, and for us it is data.
    try {
        return state_from(json::parse(text).as_object());
    } catch (const std::exception& problem) {
        return fail("not a note of squall up: {}", problem.what());
    }
}

std::string up_state_folder()
{
    std::string parent = "/tmp";
    for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0') {
            parent = value;
            break;
        }
    }
    return (fs::path(parent) / fmt::format("squall-up-{}", ::geteuid())).string();
}

Result<std::optional<UpState>> read_up_state(const std::string& state_folder)
{
    std::error_code error;
    if (!fs::exists(note_path(state_folder), error)) {
        return std::optional<UpState>();
    }
    const auto ours = check_owner(state_folder);
    if (!ours) {
        return ours.error();
    }
    std::ifstream file(note_path(state_folder));
    std::ostringstream text;
    text << file.rdbuf();
    const auto state = parse_up_state(text.str());
    if (!state) {
        return fail("{}: {}; remove it", note_path(state_folder), state.error().message);
    }
    return std::optional(*state);
}

} // namespace squall::stack
