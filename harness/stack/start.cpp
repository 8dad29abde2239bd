// start_stack: acts on the recipes, wave by wave.
#include "base/text.hpp"
#include "stack/failures.hpp"
#include "stack/keeper_client.hpp"
#include "stack/log_tail.hpp"
#include "stack/private_folder.hpp"
#include "stack/start_setup.hpp"
#include "wire/postgres_connection.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace squall::stack {

namespace {

namespace fs = std::filesystem;

constexpr Duration ask_every = std::chrono::milliseconds(25);
constexpr Duration one_answer = std::chrono::seconds(1);
constexpr Duration initdb_time = std::chrono::minutes(1);
constexpr Duration init_file_time = std::chrono::minutes(5);

/// What the coroutines of one start share; it lives in the frame of start_stack.
struct Start {
    scenario::StackSpec spec;
    StackOptions options;
    Site site;
    StackPlan plan;
    std::shared_ptr<KeeperClient> keeper;
    std::vector<Recipe> started; // with their pids

    [[nodiscard]] Instant now() const { return options.clock->now(); }
    void say(const std::string& text) const { options.progress(text); }
};

Error interrupted()
{
    return fail("interrupted while the stack was starting; what had started was stopped");
}

/// What makes waiting pointless: cancellation, a dead keeper, a server that ended.
Task<Result<void>> check_alive(Start& start, const Recipe& awaited)
{
    if (co_await is_cancelled()) {
        co_return interrupted();
    }
    const auto end = start.keeper->ended(awaited.info.name);
    if (end) {
        co_return ended_early(awaited, *end, describe_log_end(awaited.run.log));
    }
    for (const Recipe& other : start.started) {
        const auto other_end = start.keeper->ended(other.info.name);
        if (other_end) {
            co_return fail("{} {} while {} was starting; {}", other.title, describe(*other_end), awaited.title,
                           describe_log_end(other.run.log));
        }
    }
    if (!start.keeper->is_connected()) {
        co_return fail("the keeper process of the stack died while {} was starting", awaited.title);
    }
    co_return Result<void>();
}

Task<Result<void>> launch(Start& start, SpawnRequest request, Purpose purpose, Recipe& recipe)
{
    if (co_await is_cancelled()) {
        co_return interrupted();
    }
    const auto pid = co_await start.keeper->spawn(std::move(request), purpose);
    if (!pid) {
        co_return fail("{} did not start: {}", recipe.title, pid.error().message);
    }
    recipe.info.pid = *pid;
    co_return Result<void>();
}

/// The job that prepares the server, or the server itself where it needs none.
Task<Result<void>> launch_first(Start& start, Recipe& recipe)
{
    if (recipe.prepare) {
        return launch(start, *recipe.prepare, Purpose::job, recipe);
    }
    return launch(start, recipe.run, Purpose::server, recipe);
}

/// initdb: to its end, and with a cluster of a release that we know.
Task<Result<void>> finish_preparing(Start& start, Recipe& recipe)
{
    const SpawnRequest& job = *recipe.prepare;
    const Instant until = start.now() + initdb_time;
    auto end = start.keeper->ended(job.name);
    while (!end && start.now() < until) {
        const auto alive = co_await check_alive(start, recipe);
        if (!alive) {
            co_return alive.error();
        }
        co_await start.keeper->wait_for_change(until);
        end = start.keeper->ended(job.name);
    }
    if (!end || end->code != 0 || end->signal != 0) {
        co_return fail("{} did not start: {} {}; {}", recipe.title, job.name,
                       end ? describe(*end) : "did not end within " + format_duration(initdb_time),
                       describe_log_end(job.log));
    }
    std::ifstream file(start.site.data + "/postgres/PG_VERSION");
    int version = 0;
    if (!(file >> version) || version < oldest_postgres) {
        co_return fail("PostgreSQL {} at {} is too old: {} or newer is needed; on Debian or Ubuntu: apt-get install "
                       "postgresql",
                       version, job.argv[0], oldest_postgres);
    }
    co_return Result<void>();
}

Task<Result<void>> wait_until_ready(Start& start, const Recipe& recipe, Instant since)
{
    // What kept us from asking, such as the other servers' long init files, is not its fault.
    const Instant until = std::max(since + recipe.ready_timeout, start.now() + one_answer);
    std::string last_answer;
    while (start.now() < until) {
        const auto alive = co_await check_alive(start, recipe);
        if (!alive) {
            co_return alive.error();
        }
        const auto answer = co_await ask(recipe.readiness, std::min(until, start.now() + one_answer));
        // A server that ended is not ready, whoever answered on its port.
        if (answer && !start.keeper->ended(recipe.info.name)) {
            start.say(fmt::format("{} is ready on port {} after {}", recipe.title, recipe.info.port,
                                  format_duration(start.now() - since)));
            co_return Result<void>();
        }
        last_answer = answer ? last_answer : answer.error().message;
        co_await start.keeper->wait_for_change(std::min(until, start.now() + ask_every));
    }
    const auto alive = co_await check_alive(start, recipe);
    if (!alive) {
        co_return alive.error();
    }
    co_return never_ready(recipe, last_answer, describe_log_end(recipe.run.log));
}

Task<Result<void>> run_sql(std::string url, std::string sql, Instant deadline)
{
    wire::PostgresConnection connection(co_await asio::this_coro::executor);
    const auto connected = co_await connection.connect(std::move(url), deadline);
    if (!connected) {
        co_return fail("{}", connected.error().message);
    }
    const auto done = co_await connection.query(std::move(sql), {}, deadline);
    if (!done) {
        co_return fail("{}", done.error().message);
    }
    co_return Result<void>();
}

/// The database and the user's SQL files.
Task<Result<void>> fill_database(Start& start, const Recipe& recipe)
{
    const auto created = co_await run_sql(postgres_url(recipe.info.port, "postgres"), "create database squall",
                                          start.now() + recipe.ready_timeout);
    if (!created) {
        co_return fail("PostgreSQL could not create the database squall: {}", created.error().message);
    }
    for (const std::string& file : start.spec.postgres->init) {
        const fs::path path = fs::path(start.options.scenario_folder) / file;
        std::ifstream stream(path);
        std::ostringstream sql;
        sql << stream.rdbuf();
        const auto done = co_await run_sql(recipe.info.url, sql.str(), start.now() + init_file_time);
        if (co_await is_cancelled()) {
            co_return interrupted();
        }
        if (!done) {
            co_return at_place(start.spec.postgres->place,
                               fail("stack.postgres.init: {}: {}", path.string(), redact(done.error().message)));
        }
        start.say(fmt::format("PostgreSQL has run {}", file));
    }
    co_return Result<void>();
}

Result<void> write_files(const Start& start, const Recipe& recipe)
{
    for (const TextFile& file : recipe.files) {
        const auto written = write_private_file(file.path, file.text, start.site.user);
        if (!written) {
            return written;
        }
    }
    return {};
}

Task<Result<void>> start_wave(Start& start, std::vector<Recipe>& wave)
{
    for (Recipe& recipe : wave) {
        const auto written = write_files(start, recipe);
        if (!written) {
            co_return written.error();
        }
        const auto launched = co_await launch_first(start, recipe);
        if (!launched) {
            co_return launched.error();
        }
    }
    const Instant since = start.now();
    for (Recipe& recipe : wave) {
        if (!recipe.prepare) {
            continue;
        }
        const auto prepared = co_await finish_preparing(start, recipe);
        if (!prepared) {
            co_return prepared.error();
        }
        const auto launched = co_await launch(start, recipe.run, Purpose::server, recipe);
        if (!launched) {
            co_return launched.error();
        }
    }
    for (Recipe& recipe : wave) {
        const auto ready = co_await wait_until_ready(start, recipe, recipe.prepare ? start.now() : since);
        if (!ready) {
            co_return ready.error();
        }
        start.started.push_back(recipe);
        if (recipe.info.kind == "postgres") {
            const auto filled = co_await fill_database(start, recipe);
            if (!filled) {
                co_return filled.error();
            }
        }
    }
    co_return Result<void>();
}

Task<Result<void>> make_home(Start& start)
{
    auto keeper = co_await KeeperClient::launch(start.options.keeper_command, start.site.logs + "/keeper.log",
                                                start.options.clock);
    if (!keeper) {
        co_return keeper.error();
    }
    start.keeper = *keeper;
    const auto folder = make_private_folder(start.options.run_folder, temporary_folder(start.site), start.site.user);
    if (!folder) {
        co_return folder.error();
    }
    start.site.data = folder->path;
    if (!folder->reason.empty()) {
        start.say(fmt::format("the servers' data are in {}, as {}", folder->path, folder->reason));
    }
    co_return co_await start.keeper->remove_at_end(folder->path);
}

Task<Result<void>> start_all(Start& start)
{
    const auto setup = set_up_start(start.spec, start.options);
    if (!setup) {
        co_return setup.error();
    }
    start.site = setup->site;
    const auto home = co_await make_home(start);
    if (!home) {
        co_return home.error();
    }
    start.plan = make_stack_plan(start.spec, setup->programs, setup->ports, start.site).value();
    for (auto& wave : start.plan.waves) {
        const auto started = co_await start_wave(start, wave);
        if (!started) {
            co_return started.error();
        }
    }
    co_return Result<void>();
}

} // namespace

Task<Result<RunningStack>> start_stack(scenario::StackSpec spec, StackOptions options)
{
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    Start start;
    start.spec = std::move(spec);
    start.options = std::move(options);
    auto outcome = co_await start_all(start);
    if (outcome && co_await is_cancelled()) {
        outcome = interrupted();
    }
    if (!outcome && start.keeper) {
        const auto stopped = co_await start.keeper->stop();
        if (!stopped) {
            outcome = fail("{}; {}", outcome.error().message, stopped.error().message);
        }
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (!outcome) {
        co_return outcome.error();
    }
    std::vector<ServiceInfo> services;
    for (const Recipe& recipe : start.started) {
        services.push_back(recipe.info);
    }
    co_return RunningStack(start.keeper, std::move(services), start.plan.variables);
}

} // namespace squall::stack
