#include "stack/recipe.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace squall::stack {

std::vector<std::string> plain_environment(const Site& site)
{
    const auto path = site.environment.find("PATH");
    return {
        fmt::format("PATH={}", path == site.environment.end() ? "/usr/bin:/bin" : path->second),
        fmt::format("HOME={}", site.data),
        "LC_ALL=C",
        "TZ=UTC",
    };
}

std::vector<std::string> full_environment(const Site& site, const std::map<std::string, std::string>& extra)
{
    std::map<std::string, std::string> merged = extra;
    merged.insert(site.environment.begin(), site.environment.end());
    std::vector<std::string> list;
    for (const auto& [name, value] : merged) {
        list.push_back(fmt::format("{}={}", name, value));
    }
    return list;
}

Result<void> check_settings(std::string_view table, const std::map<std::string, std::string>& settings,
                            const std::vector<std::string>& reserved)
{
    for (const auto& [name, value] : settings) {
        if (std::find(reserved.begin(), reserved.end(), name) != reserved.end()) {
            return fail("stack.{}.settings.{} is set by the harness, which keeps every server on loopback and finds "
                        "its port; for a fixed port write stack.{}.port",
                        table, name, table);
        }
        const bool broken = (name + value).find_first_of(std::string_view("\n\r\0", 3)) != std::string::npos;
        if (broken || name.empty() || name.find_first_of(" =\t#;[") != std::string::npos) {
            return fail("stack.{}.settings: \"{}\" is not a setting on one line", table, name);
        }
    }
    return {};
}

} // namespace squall::stack
