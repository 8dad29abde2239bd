// Redis, in memory only.
#include "stack/recipe.hpp"

namespace squall::stack {

std::string redis_config(const scenario::RedisSpec& spec, int port, const std::string& folder)
{
    std::string text = fmt::format("bind 127.0.0.1\n"
                                   "port {}\n"
                                   "dir {}\n"
                                   "save \"\"\n"
                                   "appendonly no\n"
                                   "daemonize no\n"
                                   "logfile \"\"\n",
                                   port, folder);
    for (const auto& [name, value] : spec.settings) {
        text += fmt::format("{} {}\n", name, value);
    }
    return text;
}

Recipe redis_recipe(const scenario::RedisSpec& spec, const std::string& program, int port, const Site& site)
{
    const std::string config = site.data + "/redis.conf";
    Recipe recipe;
    recipe.place = spec.place;
    recipe.run.name = "redis";
    recipe.run.argv = {program, config};
    recipe.run.environment = plain_environment(site);
    recipe.run.directory = site.data;
    recipe.run.user = site.user;
    recipe.run.log = site.logs + "/redis.log";
    const auto password = spec.settings.find("requirepass");
    const std::string login = password == spec.settings.end() ? "" : fmt::format(":{}@", password->second);
    recipe.info =
        ServiceInfo{"redis", "redis", fmt::format("redis://{}127.0.0.1:{}", login, port), port, 0, recipe.run.log};
    recipe.title = "Redis";
    recipe.files = {{config, redis_config(spec, port, site.data)}};
    recipe.readiness = RedisAnswers{recipe.info.url};
    recipe.ready_timeout = spec.ready_timeout;
    recipe.fixed_port = spec.port.has_value();
    return recipe;
}

} // namespace squall::stack
