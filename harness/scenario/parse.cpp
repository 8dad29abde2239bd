#include "scenario/parse.hpp"

#include "scenario/overrides.hpp"
#include "scenario/profiles.hpp"
#include "scenario/read_toml.hpp"
#include "scenario/tables/tables.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <tuple>

namespace squall::scenario {
namespace {

std::optional<std::string> process_environment(const std::string& name)
{
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

auto order_of(const Problem& problem)
{
    const auto& place = problem.place;
    return std::tie(place.line, place.column, place.path, problem.message);
}

/// In the order of the file, what stands outside of it last; the same thing seen through two profiles once.
void tidy(std::vector<Problem>& problems)
{
    std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
        const bool a_outside = a.place.line == 0;
        const bool b_outside = b.place.line == 0;
        if (a_outside || b_outside) {
            return !a_outside;
        }
        return order_of(a) < order_of(b);
    });
    problems.erase(std::unique(problems.begin(), problems.end(),
                               [](const Problem& a, const Problem& b) { return order_of(a) == order_of(b); }),
                   problems.end());
}

/// Profiles that were not chosen are read too, for what is wrong in their own lines. Environment variables that only
/// they need may be missing.
void check_other_profiles(const Profiles& profiles, const std::string& chosen, const ShapeOf<Scenario>& shape,
                          const Environment& environment, std::vector<Problem>& problems)
{
    for (const auto& name : profiles.names()) {
        if (name == chosen) {
            continue;
        }
        Reading reading{{}, environment, true};
        const Node merged = profiles.apply(name, shape, reading);
        Scenario unused;
        shape.read(Cursor(merged, reading), unused);
        std::copy_if(reading.problems.begin(), reading.problems.end(), std::back_inserter(problems),
                     [&](const Problem& problem) { return profiles.wrote(name, problem.place); });
    }
}

void check_profile_name(const std::string& name, const Profiles& profiles, const std::string& file, Reading& reading)
{
    const auto& names = profiles.names();
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
        const auto hint = names.empty() ? std::string("; the file has no profiles") : suggestion(name, names);
        reading.problems.push_back({{file, 0, 0, ""}, fmt::format("no profile has the name \"{}\"{}", name, hint)});
    }
}

ParseOutcome read_document(const Node& root, const std::string& file, const ParseOptions& options)
{
    const auto shape = scenario_shape();
    Reading reading{{}, options.environment ? options.environment : process_environment, false};
    const Profiles profiles(root, reading);
    check_profile_name(options.profile, profiles, file, reading);
    Node merged = profiles.apply(options.profile, *shape, reading);
    for (const auto& override_text : options.overrides) {
        apply_override(override_text, merged, *shape, reading);
    }
    ParseOutcome outcome;
    outcome.profiles = profiles.names();
    outcome.scenario.file = file;
    outcome.scenario.profile = options.profile;
    outcome.scenario.name = std::filesystem::path(file).stem().string();
    shape->read(Cursor(merged, reading), outcome.scenario);
    check_other_profiles(profiles, options.profile, *shape, reading.environment, reading.problems);
    outcome.problems = std::move(reading.problems);
    tidy(outcome.problems);
    return outcome;
}

} // namespace

ParseOutcome parse_text(std::string_view text, const std::string& file, const ParseOptions& options)
{
    auto document = read_toml(text, file);
    if (auto* problem = std::get_if<Problem>(&document)) {
        ParseOutcome outcome;
        outcome.problems.push_back(std::move(*problem));
        return outcome;
    }
    return read_document(std::get<Node>(document), file, options);
}

ParseOutcome parse_file(const std::string& path, const ParseOptions& options)
{
    std::error_code failure;
    const bool is_folder = std::filesystem::is_directory(path, failure);
    errno = 0;
    std::ifstream stream(path, std::ios::binary);
    if (is_folder || !stream) {
        const std::string reason = is_folder ? "it is a folder" : std::strerror(errno);
        ParseOutcome outcome;
        outcome.problems.push_back(
            {{path, 0, 0, ""}, fmt::format("cannot be read ({}); expected a scenario file", reason)});
        return outcome;
    }
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    return parse_text(text, path, options);
}

std::string json_schema()
{
    boost::json::object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                               {"title", "Squall scenario"}};
    for (const auto& [key, value] : scenario_shape()->schema(SchemaUse::whole)) {
        schema[key] = value;
    }
    auto& definitions = schema["$defs"].emplace_object();
    for (const auto& part : {nested_steps_definitions(), reaction_definitions()}) {
        for (const auto& [name, definition] : part) {
            definitions[name] = definition;
        }
    }
    return boost::json::serialize(schema);
}

} // namespace squall::scenario
