#include "scenario/target_settings.hpp"

#include "base/text.hpp"
#include "scenario/overrides.hpp"
#include "scenario/read_toml.hpp"
#include "scenario/tables/tables.hpp"

#include <cstdlib>

namespace squall::scenario {

refkit::PoolTiersParams database_pools(const TargetSettings& settings)
{
    refkit::PoolTiersParams pools{settings.pool.max, {{"main", settings.pool}}};
    const auto add = [&pools](std::string name, const std::optional<refkit::PoolParams>& pool) {
        if (pool) {
            pools.tiers.push_back({std::move(name), *pool});
        }
    };
    add("auth", settings.tiers.auth);
    add("read", settings.tiers.read);
    add("write", settings.tiers.write);
    add("analytics", settings.tiers.analytics);
    return pools;
}

Result<TargetSettings> read_target_settings(std::string_view text, const std::string& file,
                                            const std::vector<std::string>& overrides)
{
    auto document = read_toml(text, file);
    if (const auto* problem = std::get_if<Problem>(&document)) {
        return Error::saying(to_string(*problem));
    }
    auto& root = std::get<Node>(document);
    Reading reading{{},
                    [](const std::string& name) {
                        const char* value = std::getenv(name.c_str());
                        return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
                    },
                    false};
    const auto shape = target_settings_shape();
    for (const auto& override_text : overrides) {
        apply_override(override_text, root, *shape, reading);
    }
    TargetSettings settings;
    shape->read(Cursor(root, reading), settings);
    if (reading.problems.empty()) {
        return settings;
    }
    std::vector<std::string> lines;
    for (const auto& problem : reading.problems) {
        lines.push_back(to_string(problem));
    }
    return Error::saying(join(lines, "\n"));
}

} // namespace squall::scenario
