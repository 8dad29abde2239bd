#include "stack/stack_plan.hpp"

#include "stack/failures.hpp"
#include "stack/ports.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace squall::stack {

namespace {

bool uses(const scenario::CommandSpec& service, const std::string& other)
{
    const std::string variable = "${" + other + "}";
    const auto mentions = [&variable](const std::string& text) { return text.find(variable) != std::string::npos; };
    return mentions(service.command) || mentions(service.ready) || mentions(service.url) ||
           std::any_of(service.environment.begin(), service.environment.end(),
                       [&mentions](const auto& entry) { return mentions(entry.second); });
}

std::vector<std::vector<std::string>> service_waves(std::vector<scenario::CommandSpec> waiting)
{
    std::vector<std::vector<std::string>> waves;
    while (!waiting.empty()) {
        const auto is_free = [&waiting](const scenario::CommandSpec& service) {
            return std::none_of(waiting.begin(), waiting.end(), [&service](const scenario::CommandSpec& other) {
                return other.name != service.name && uses(service, other.name);
            });
        };
        std::vector<std::string> wave;
        for (const auto& service : waiting) {
            if (is_free(service)) {
                wave.push_back(service.name);
            }
        }
        if (wave.empty()) { // a ring: ports are known beforehand, so they can start together
            for (const auto& service : waiting) {
                wave.push_back(service.name);
            }
        }
        std::erase_if(waiting, [&wave](const auto& service) {
            return std::find(wave.begin(), wave.end(), service.name) != wave.end();
        });
        waves.push_back(std::move(wave));
    }
    return waves;
}

const scenario::CommandSpec& service_named(const scenario::StackSpec& spec, const std::string& name)
{
    return *std::find_if(spec.services.begin(), spec.services.end(),
                         [&name](const auto& service) { return service.name == name; });
}

/// Gives every service its port, in the order of the spec.
class PortGiver {
public:
    explicit PortGiver(Random random) : random_(random) {}

    void reserve(const scenario::ServiceCommon& service)
    {
        if (service.port) {
            taken_.insert(*service.port);
        }
    }

    Result<void> give(const std::string& name, const scenario::ServiceCommon& service)
    {
        if (!service.port) {
            const auto port = choose_port(random_, taken_);
            if (!port) {
                return port.error();
            }
            ports_[name] = *port;
            return {};
        }
        if (!is_port_free(*service.port)) {
            return at_place(service.place, port_taken(name, *service.port, listener_on(*service.port)));
        }
        ports_[name] = *service.port;
        return {};
    }

    [[nodiscard]] const std::map<std::string, int>& ports() const { return ports_; }

private:
    Random random_;
    std::set<int> taken_;
    std::map<std::string, int> ports_;
};

/// The members that are there, with their names.
std::vector<std::pair<std::string, const scenario::ServiceCommon*>> members(const scenario::StackSpec& spec)
{
    std::vector<std::pair<std::string, const scenario::ServiceCommon*>> list;
    const auto add = [&list](const char* name, const auto& member) {
        if (member) {
            list.emplace_back(name, &*member);
        }
    };
    add("postgres", spec.postgres);
    add("pgbouncer", spec.pgbouncer);
    add("redis", spec.redis);
    add("target", spec.target);
    for (const auto& service : spec.services) {
        list.emplace_back(service.name, &service);
    }
    return list;
}

std::string target_program(const scenario::TargetSpec& target, const StackOptions& options)
{
    if (!target.program) {
        return options.target_program;
    }
    return (std::filesystem::path(options.scenario_folder) / *target.program).lexically_normal().string();
}

/// Composes the recipes; members are what all of them share.
struct Composer {
    const scenario::StackSpec& spec;
    const StackPrograms& programs;
    const std::map<std::string, int>& ports;
    const Site& site;

    [[nodiscard]] int port(const std::string& name) const { return ports.at(name); }

    [[nodiscard]] Result<std::map<std::string, std::string>>
    variables(const std::vector<std::vector<std::string>>& order) const
    {
        std::map<std::string, std::string> values;
        for (const auto& wave : order) {
            for (const std::string& name : wave) {
                const auto url = url_of(name, values);
                if (!url) {
                    return url.error();
                }
                values[name] = *url;
            }
        }
        if (spec.target) {
            values["api"] = values["target"];
            values["ws"] = "ws" + values["target"].substr(std::string_view("http").size());
        }
        return values;
    }

    [[nodiscard]] Result<std::string> url_of(const std::string& name,
                                             const std::map<std::string, std::string>& values) const
    {
        const bool own = name == "postgres" || name == "pgbouncer" || name == "redis" || name == "target";
        if (!own) {
            const auto& service = service_named(spec, name);
            const auto url = service_url(service, port(name), values, site);
            return url ? url : at_place(service.place, url.error());
        }
        return recipe_of(name, values)->info.url;
    }

    [[nodiscard]] Result<Recipe> recipe_of(const std::string& name,
                                           const std::map<std::string, std::string>& values) const
    {
        if (name == "postgres") {
            return postgres_recipe(*spec.postgres, programs.postgres, port(name), site);
        }
        if (name == "pgbouncer") {
            return pgbouncer_recipe(*spec.pgbouncer, programs.pgbouncer, port(name), port("postgres"), site);
        }
        if (name == "redis") {
            return redis_recipe(*spec.redis, programs.redis, port(name), site);
        }
        if (name == "target") {
            const bool pooled = spec.pgbouncer && spec.target->database == "pgbouncer";
            const auto redis = values.find("redis");
            return target_recipe(*spec.target, programs.target, port(name),
                                 TargetPeers{values.at(pooled ? "pgbouncer" : "postgres"), values.at("postgres"),
                                             redis == values.end() ? "" : redis->second},
                                 site);
        }
        const auto& service = service_named(spec, name);
        const auto recipe = service_recipe(service, port(name), values, site);
        return recipe ? recipe : at_place(service.place, recipe.error());
    }
};

} // namespace

std::vector<std::vector<std::string>> start_order(const scenario::StackSpec& spec)
{
    std::vector<std::vector<std::string>> waves(3);
    if (spec.postgres) {
        waves[0].emplace_back("postgres");
    }
    if (spec.redis) {
        waves[0].emplace_back("redis");
    }
    if (spec.pgbouncer) {
        waves[1].emplace_back("pgbouncer");
    }
    if (spec.target) {
        waves[2].emplace_back("target");
    }
    for (auto& wave : service_waves(spec.services)) {
        waves.push_back(std::move(wave));
    }
    std::erase_if(waves, [](const auto& wave) { return wave.empty(); });
    return waves;
}

Result<StackPrograms> find_programs(const scenario::StackSpec& spec, const StackOptions& options)
{
    StackPrograms programs;
    if (spec.postgres) {
        const auto found = find_postgres(options.search);
        if (!found) {
            return at_place(spec.postgres->place, found.error());
        }
        programs.postgres = *found;
    }
    if (spec.pgbouncer) {
        const auto found = find_pgbouncer(options.search);
        if (!found) {
            return at_place(spec.pgbouncer->place, found.error());
        }
        programs.pgbouncer = *found;
    }
    if (spec.redis) {
        const auto found = find_redis(options.search);
        if (!found) {
            return at_place(spec.redis->place, found.error());
        }
        programs.redis = *found;
    }
    if (spec.target) {
        programs.target = target_program(*spec.target, options);
        if (::access(programs.target.c_str(), X_OK) != 0) {
            return at_place(spec.target->place, target_missing(programs.target, spec.target->program.has_value()));
        }
    }
    return programs;
}

Result<std::map<std::string, int>> assign_ports(const scenario::StackSpec& spec, Random random)
{
    PortGiver giver(random);
    for (const auto& [name, service] : members(spec)) {
        giver.reserve(*service);
    }
    for (const auto& [name, service] : members(spec)) {
        const auto given = giver.give(name, *service);
        if (!given) {
            return given.error();
        }
    }
    return giver.ports();
}

Result<StackPlan> make_stack_plan(const scenario::StackSpec& spec, const StackPrograms& programs,
                                  const std::map<std::string, int>& ports, const Site& site)
{
    const Composer composer{spec, programs, ports, site};
    const auto order = start_order(spec);
    const auto variables = composer.variables(order);
    if (!variables) {
        return variables.error();
    }
    StackPlan plan;
    plan.variables = *variables;
    for (const auto& wave : order) {
        std::vector<Recipe>& recipes = plan.waves.emplace_back();
        for (const std::string& name : wave) {
            const auto recipe = composer.recipe_of(name, *variables);
            if (!recipe) {
                return recipe.error();
            }
            recipes.push_back(*recipe);
        }
    }
    return plan;
}

} // namespace squall::stack
