#include "plan/stdio_service.hpp"

#include "base/text.hpp"
#include "plan/population.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace squall::plan {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view wants_shell = "|&;<>()$`*?[#~%!{}\n\\";

std::string directory_of(const scenario::Scenario& scenario, const scenario::CommandSpec& service)
{
    const auto folder = fs::path(".") / beside(scenario.file, service.working_directory.value_or(""));
    return fs::absolute(folder).lexically_normal().string();
}

/// Takes a command apart, letter by letter.
class CommandSplitter {
public:
    explicit CommandSplitter(std::string_view command) : rest_(command) {}

    std::optional<std::vector<std::string>> split()
    {
        while (!rest_.empty()) {
            if (!take()) {
                return std::nullopt;
            }
        }
        end_word();
        const bool assigns = !words_.empty() && words_.front().substr(0, words_.front().find('/')).find('=') != npos;
        return quote_ != 0 || words_.empty() || assigns ? std::nullopt : std::optional(std::move(words_));
    }

private:
    static constexpr auto npos = std::string::npos;

    bool take()
    {
        if (quote_ != '\'' && rest_.starts_with("${")) {
            return take_expression();
        }
        const char letter = rest_.front();
        rest_.remove_prefix(1);
        if (quote_ != 0) {
            if (letter == quote_) {
                quote_ = 0;
                return true;
            }
            word_ += letter;
            return quote_ == '\'' || std::string_view("$`\\").find(letter) == npos;
        }
        if (letter == '\'' || letter == '"') {
            quote_ = letter;
            begun_ = true;
            return true;
        }
        if (letter == ' ' || letter == '\t') {
            end_word();
            return true;
        }
        word_ += letter;
        begun_ = true;
        return wants_shell.find(letter) == npos;
    }

    bool take_expression()
    {
        const auto end = rest_.find('}');
        if (end == npos) {
            return false;
        }
        word_ += rest_.substr(0, end + 1);
        begun_ = true;
        rest_.remove_prefix(end + 1);
        return true;
    }

    void end_word()
    {
        if (begun_) {
            words_.push_back(std::exchange(word_, {}));
            begun_ = false;
        }
    }

    std::string_view rest_;
    std::vector<std::string> words_;
    std::string word_;
    bool begun_ = false;
    char quote_ = 0;
};

bool is_program(const fs::path& path)
{
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

/// A word, or a value, with ${…}.
BoundText bind_text(const std::string& text, const scenario::CommandSpec& service, const StepPlace& at)
{
    const auto parsed = scenario::parse_template(text, service.place);
    if (!parsed) {
        at.binder.report(service.place, fmt::format("{}: {}", service.name, parsed.error().message));
        return {};
    }
    return at.binder.bind(*parsed, at.scope);
}

const scenario::CommandSpec* service_named(std::string_view name, const StepPlace& at)
{
    std::vector<const scenario::CommandSpec*> known;
    std::vector<std::string> names;
    for (const auto& service : at.scenario.stack.services) {
        if (service.stdio) {
            known.push_back(&service);
            names.push_back(service.name);
        }
    }
    if (name.empty()) {
        if (known.size() != 1) {
            at.binder.report(at.place, fmt::format("server is missing; expected a URL such as \"${{api}}/mcp\"{}",
                                                   names.empty() ? ", or the name of a service with stdio = true"
                                                                 : " or one of " + join(names, ", ")));
        }
        return known.size() == 1 ? known.front() : nullptr;
    }
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) {
        return known[static_cast<std::size_t>(found - names.begin())];
    }
    const auto meant = closest_match(std::string(name), names);
    at.binder.report(at.place, fmt::format("no service with stdio = true is named \"{}\"; {}", name,
                                           meant ? fmt::format("did you mean \"{}\"?", *meant)
                                                 : std::string("expected its name, or a URL such as \"${api}/mcp\"")));
    return nullptr;
}

/// Puts the program's path in place of its name.
void settle_program(RpcAction::Start& start, const scenario::CommandSpec& service, const StepPlace& at)
{
    auto& program = start.argv.front();
    if (!program.constant) {
        at.binder.report(service.place, fmt::format("{}: the program is the same for all users; expected its name or "
                                                    "path without what varies",
                                                    service.name));
        return;
    }
    const auto directory = directory_of(at.scenario, service);
    const auto path = find_program(*program.constant, directory);
    if (!path) {
        at.binder.report(service.place,
                         fmt::format("{}: there is no program {}; expected one on PATH, beside squall, or a path from "
                                     "{}",
                                     service.name, *program.constant, directory));
        return;
    }
    program.constant = *path;
    program.segments = {{*path, false}};
}

} // namespace

std::vector<StdioService> stdio_services(const scenario::Scenario& scenario)
{
    std::vector<StdioService> services;
    for (const auto& service : scenario.stack.services) {
        if (service.stdio) {
            services.push_back({service.name, service.command, directory_of(scenario, service), service.stop_grace});
        }
    }
    return services;
}

std::optional<std::vector<std::string>> split_plain_command(std::string_view command)
{
    return CommandSplitter(command).split();
}

std::optional<std::string> find_program(const std::string& program, const std::string& directory)
{
    if (program.find('/') != std::string::npos) {
        const auto path = (fs::path(directory) / program).lexically_normal();
        return is_program(path) ? std::optional(path.string()) : std::nullopt;
    }
    std::error_code ignored;
    const auto self = fs::read_symlink("/proc/self/exe", ignored);
    const char* search = std::getenv("PATH");
    auto folders = split(search == nullptr ? "/usr/bin:/bin" : search, ':');
    folders.insert(folders.begin(), self.parent_path().string());
    for (const auto& folder : folders) {
        const auto path = fs::path(folder) / program;
        if (!folder.empty() && is_program(path)) {
            return path.string();
        }
    }
    return std::nullopt;
}

std::optional<RpcAction::Start> bind_start(std::string_view name, const StepPlace& at)
{
    const auto* service = service_named(name, at);
    if (service == nullptr) {
        return std::nullopt;
    }
    RpcAction::Start start;
    for (const auto& each : at.scenario.stack.services) {
        if (&each == service) {
            break;
        }
        start.service += each.stdio ? 1 : 0;
    }
    const auto words = split_plain_command(service->command);
    if (words) {
        for (const auto& word : *words) {
            start.argv.push_back(bind_text(word, *service, at));
        }
        settle_program(start, *service, at);
    } else {
        for (const auto* word : {"/bin/sh", "-c"}) {
            start.argv.push_back({word, {{std::string(word), false}}, std::string(word)});
        }
        start.argv.push_back(bind_text(service->command, *service, at));
    }
    for (const auto& [key, value] : service->environment) {
        start.environment.emplace_back(key, bind_text(value, *service, at));
    }
    return start;
}

} // namespace squall::plan
