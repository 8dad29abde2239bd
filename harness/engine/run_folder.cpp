#include "engine/run_folder.hpp"

#include <fmt/chrono.h>

#include <chrono>
#include <filesystem>

namespace squall::engine {
namespace {

namespace fs = std::filesystem;

/// "Meal planner: pool exhaustion" → "meal-planner-pool-exhaustion".
std::string as_file_name(std::string_view name)
{
    std::string slug;
    for (const char letter : name) {
        if (std::isalnum(static_cast<unsigned char>(letter)) != 0) {
            slug += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        } else if (!slug.empty() && slug.back() != '-') {
            slug += '-';
        }
    }
    while (!slug.empty() && slug.back() == '-') {
        slug.pop_back();
    }
    return slug.empty() ? "run" : slug;
}

fs::path default_folder(std::string_view scenario_name)
{
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto base = fmt::format("squall-runs/{}-{:%Y%m%d-%H%M%S}", as_file_name(scenario_name), fmt::gmtime(now));
    fs::path folder = base;
    for (int again = 2; fs::exists(folder); ++again) {
        folder = fmt::format("{}-{}", base, again);
    }
    return folder;
}

} // namespace

Result<std::string> make_run_folder(std::string_view wanted, std::string_view scenario_name)
{
    std::error_code error;
    const fs::path folder = fs::absolute(wanted.empty() ? default_folder(scenario_name) : fs::path(wanted), error);
    fs::create_directories(folder, error);
    if (error) {
        return fail("cannot create the run folder {}: {}; choose another with --out", folder.string(), error.message());
    }
    if (!fs::is_empty(folder, error) || error) {
        return fail(
            "the run folder {} is not empty; results are never overwritten: choose another with --out or remove it",
            folder.string());
    }
    return folder.string();
}

} // namespace squall::engine
