#include "plan/globals.hpp"

#include "plan/hosts.hpp"

#include <fmt/format.h>

namespace squall::plan {
namespace {

struct StackName {
    std::string name;
    std::string giver; // "[stack] target"
    scenario::Place place;
};

std::vector<StackName> names_of_stack(const scenario::StackSpec& stack)
{
    std::vector<StackName> names;
    if (stack.postgres) {
        names.push_back({"postgres", "[stack] postgres", stack.postgres->place});
    }
    if (stack.pgbouncer) {
        names.push_back({"pgbouncer", "[stack] pgbouncer", stack.pgbouncer->place});
    }
    if (stack.redis) {
        names.push_back({"redis", "[stack] redis", stack.redis->place});
    }
    if (stack.target) {
        for (const auto* name : {"target", "api", "ws"}) {
            names.push_back({name, "[stack] target", stack.target->place});
        }
    }
    for (const auto& service : stack.services) {
        if (service.stdio) {
            continue;
        }
        names.push_back({service.name, "[stack] service." + service.name, service.place});
    }
    return names;
}

/// Explains the well-known names that this scenario's stack does not give.
std::map<std::string, std::string> missing_stack_names()
{
    std::map<std::string, std::string> missing;
    for (const auto* name : {"target", "api", "ws"}) {
        missing[name] =
            fmt::format("has no value: add target = {{}} or service.{0} to [stack], or {0} = \"http://…\" to "
                        "[endpoints]",
                        name);
    }
    for (const auto* name : {"postgres", "pgbouncer", "redis"}) {
        missing[name] = fmt::format("has no value: add {0} = {{}} to [stack], or {0} = \"…\" to [endpoints]", name);
    }
    return missing;
}

/// Collects givers of names and reports those given twice.
class Resolver {
public:
    Resolver(const scenario::Scenario& scenario, Binder& binder) : scenario_(scenario), binder_(binder)
    {
        globals_.scope.unavailable = missing_stack_names();
        for (const auto& service : scenario_.stack.services) {
            if (service.stdio) {
                globals_.scope.unavailable[service.name] =
                    fmt::format("has no value: the service is spoken to over its stdin and stdout; write server = "
                                "\"{}\" on an rpc step",
                                service.name);
            }
        }
    }

    Globals resolve()
    {
        for (const auto& given : names_of_stack(scenario_.stack)) {
            if (claim(given.name, given.giver, given.place)) {
                globals_.endpoints.push_back({given.name, binder_.slot(given.name), std::nullopt});
                globals_.scope.available.insert(given.name);
            }
        }
        name_run_folder();
        define(scenario_.endpoints, "[endpoints]");
        define(scenario_.variables, "[variables]");
        for (const auto& name : dependency_order(definitions_, binder_)) {
            settle(name);
        }
        return std::move(globals_);
    }

private:
    bool claim(const std::string& name, const std::string& giver, const scenario::Place& place)
    {
        const auto [found, added] = givers_.emplace(name, giver);
        if (!added) {
            binder_.report(place, fmt::format("both {} and {} give ${{{}}}; rename or remove one of them",
                                              found->second, giver, name));
        }
        globals_.scope.unavailable.erase(name);
        return added;
    }

    /// Known when the run starts, as an address of the stack is.
    void name_run_folder()
    {
        const std::string name = "run_folder";
        if (claim(name, "every run", {scenario_.file, 1, 1, name})) {
            globals_.endpoints.push_back({name, binder_.slot(name), std::nullopt});
            globals_.scope.available.insert(name);
        }
    }

    void define(const std::map<std::string, scenario::Template>& table, const std::string& giver)
    {
        for (const auto& [name, text] : table) {
            if (claim(name, giver, text.place)) {
                definitions_.emplace(name, text);
            }
        }
    }

    void settle(const std::string& name)
    {
        const auto& text = definitions_.at(name);
        const bool is_endpoint = givers_.at(name) == "[endpoints]";
        const auto problems = binder_.problem_count();
        auto bound = binder_.bind(text, globals_.scope);
        const Slot slot = binder_.slot(name);
        if (bound.constant) {
            if (is_endpoint) {
                check_host(bound, text.place, scenario_.allow_hosts, binder_);
            }
            globals_.scope.constants.emplace(name, *bound.constant);
            globals_.endpoints.push_back({name, slot, std::move(bound.constant)});
        } else if (is_endpoint && problems == binder_.problem_count()) {
            binder_.report(text.place,
                           "an endpoint must not vary; expected a text with no generators and no addresses of "
                           "the stack (use [variables] for those)");
            globals_.scope.available.insert(name);
        } else {
            globals_.scope.available.insert(name);
            globals_.varying.emplace_back(slot, std::move(bound));
        }
    }

    const scenario::Scenario& scenario_;
    Binder& binder_;
    Globals globals_;
    std::map<std::string, std::string> givers_;
    std::map<std::string, scenario::Template> definitions_;
};

} // namespace

Globals resolve_globals(const scenario::Scenario& scenario, Binder& binder)
{
    return Resolver(scenario, binder).resolve();
}

void check_host(const BoundText& url, const scenario::Place& place, const std::vector<std::string>& allow_hosts,
                Binder& binder)
{
    std::string_view start;
    if (url.constant) {
        start = *url.constant;
    } else if (const auto* literal = std::get_if<std::string>(&url.segments.front().content)) {
        start = *literal;
    }
    const auto host = host_of(start, url.constant.has_value());
    if (host && !is_allowed_host(*host, allow_hosts)) {
        binder.report(place,
                      fmt::format("the host {0} is neither loopback nor in allow_hosts; add allow_hosts = [\"{0}\"] "
                                  "if you may send load there",
                                  *host));
    }
}

} // namespace squall::plan
