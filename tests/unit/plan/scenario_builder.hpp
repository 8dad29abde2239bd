// Scenarios made in the test, without TOML.
#pragma once

#include "plan/plan.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace squall::plan {

/// Literal text with ${name} references; no generators.
inline scenario::Template text_of(const std::string& source, bool inside_json = false)
{
    scenario::Template text;
    text.source = source;
    text.place = {"test.toml", 7, 3, "here"};
    std::string_view rest = source;
    while (!rest.empty()) {
        const auto start = rest.find("${");
        if (start != 0) {
            text.segments.push_back({std::string(rest.substr(0, start)), false});
        }
        if (start == std::string_view::npos) {
            break;
        }
        const auto end = rest.find('}', start);
        text.segments.push_back(
            {scenario::Reference{std::string(rest.substr(start + 2, end - start - 2))}, inside_json});
        rest.remove_prefix(end + 1);
    }
    return text;
}

inline scenario::Step step_of(const std::string& name, const std::string& url)
{
    scenario::Step step;
    step.place = {"test.toml", 20, 3, "user[u].step[" + name + "]"};
    step.name = name;
    step.action = scenario::HttpStep{"GET", text_of(url), {}, std::nullopt, 0, {}};
    return step;
}

inline scenario::User user_of(const std::string& name, std::vector<scenario::Step> steps)
{
    scenario::User user;
    user.place = {"test.toml", 10, 1, "user[" + name + "]"};
    user.name = name;
    user.steps = std::move(steps);
    return user;
}

/// One user, one step, one endpoint.
inline scenario::Scenario small_scenario()
{
    scenario::Scenario scenario;
    scenario.file = "test.toml";
    scenario.name = "small";
    scenario.endpoints["api"] = text_of("http://127.0.0.1:8080");
    scenario.users.push_back(user_of("u", {step_of("home", "${api}/")}));
    return scenario;
}

inline scenario::Save save_of(const std::string& name)
{
    return {{"test.toml", 22, 5, "save." + name}, name, scenario::Save::Source::json, "/token"};
}

inline std::string problems_of(const scenario::Scenario& scenario)
{
    const auto outcome = make_plan(scenario);
    std::string all;
    for (const auto& problem : outcome.problems) {
        all += std::to_string(problem.place.line) + ": " + problem.message + "\n";
    }
    return all;
}

/// A folder that is gone with the test.
class TemporaryFolder {
public:
    TemporaryFolder()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "squall-plan-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::string write(const std::string& name, const std::string& content) const
    {
        const auto file = path_ / name;
        std::ofstream(file, std::ios::binary) << content;
        return file.string();
    }
    [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

} // namespace squall::plan
