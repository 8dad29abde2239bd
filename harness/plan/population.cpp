#include "plan/population.hpp"

#include "plan/arrival_file.hpp"
#include "plan/bind_action.hpp"
#include "plan/bind_journey.hpp"
#include "plan/data_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace squall::plan {
namespace {

/// Nothing when that was reported: `what` is "data file" and the like.
std::optional<std::string> read_whole(const std::string& path, std::string_view what, const scenario::Place& place,
                                      Binder& binder)
{
    std::error_code ignored;
    std::ifstream file(path, std::ios::binary);
    if (!std::filesystem::is_regular_file(path, ignored) || !file) {
        binder.report(place, fmt::format("cannot read the {} {}; paths are relative to the scenario file", what, path));
        return std::nullopt;
    }
    return std::string{std::istreambuf_iterator<char>(file), {}};
}

std::shared_ptr<const std::vector<Duration>> read_recording(const scenario::ReplayArrival& replay,
                                                            const scenario::Place& place,
                                                            const std::string& scenario_file, Binder& binder)
{
    const auto path = beside(scenario_file, replay.file);
    const auto text = read_whole(path, "arrival file", place, binder);
    if (!text) {
        return nullptr;
    }
    auto content = read_arrivals(*text, path);
    if (const auto* problem = std::get_if<scenario::Problem>(&content)) {
        binder.report(problem->place, problem->message);
        return nullptr;
    }
    return std::make_shared<const std::vector<Duration>>(std::move(std::get<std::vector<Duration>>(content)));
}

std::shared_ptr<const DataTable> read_table(const scenario::DataSource& source, const std::string& scenario_file,
                                            Binder& binder)
{
    const auto path = beside(scenario_file, source.file);
    const auto text = read_whole(path, "data file", source.place, binder);
    if (!text) {
        return nullptr;
    }
    auto content = read_csv(*text, path);
    if (const auto* problem = std::get_if<scenario::Problem>(&content)) {
        binder.report(problem->place, problem->message);
        return nullptr;
    }
    auto& csv = std::get<CsvContent>(content);
    auto table = std::make_shared<DataTable>();
    table->file = path;
    table->order = source.order;
    for (const auto& column : csv.columns) {
        table->column_slots.push_back(binder.slot("data." + column));
    }
    table->columns = std::move(csv.columns);
    table->rows = std::move(csv.rows);
    return table;
}

class PopulationBuilder {
public:
    PopulationBuilder(const scenario::User& user, const scenario::Scenario& scenario, const Globals& globals,
                      Binder& binder)
        : user_(user),
          scenario_(scenario),
          globals_(globals),
          binder_(binder),
          scope_(globals.scope)
    {}

    Population build()
    {
        copy_plain_values();
        if (user_.arrival.is_open() && user_.think.high > Duration::zero()) {
            binder_.report(user_.place,
                           fmt::format("the user \"{}\" has both an arrival rate and a think time; in the open "
                                       "model the rate alone says when iterations start: remove one of them",
                                       user_.name));
        }
        check_spike();
        if (const auto* replay = std::get_if<scenario::ReplayArrival>(&user_.arrival.model)) {
            population_.recording = read_recording(*replay, user_.arrival.place, scenario_.file, binder_);
        }
        if (user_.data) {
            population_.data = read_table(*user_.data, scenario_.file, binder_);
            scope_.any_column = !population_.data;
        }
        announce_names();
        bind_variables();
        if (user_.steps.empty()) {
            binder_.report(user_.place, fmt::format("the user \"{}\" has no steps; add a [[user.step]]", user_.name));
        }
        const auto add = [this](const scenario::Step& step) {
            population_.steps.push_back(bind_step(step));
            return static_cast<std::uint32_t>(population_.steps.size() - 1);
        };
        population_.journey = bind_journey(user_.steps, {scope_, binder_, add});
        return std::move(population_);
    }

private:
    void copy_plain_values()
    {
        population_.name = user_.name;
        population_.arrival = user_.arrival;
        population_.think = user_.think;
        population_.connection = user_.connection;
        population_.cookies = user_.cookies;
    }

    void check_spike()
    {
        const auto check = [this](const auto& spike) {
            if (spike && spike->at >= scenario_.duration) {
                binder_.report(user_.arrival.place,
                               fmt::format("the spike at {} would never come: the load lasts {}; raise duration or "
                                           "let the spike begin earlier",
                                           format_duration(spike->at), format_duration(scenario_.duration)));
            }
        };
        if (const auto* closed = std::get_if<scenario::ClosedArrival>(&user_.arrival.model)) {
            check(closed->spike);
        } else if (const auto* open = std::get_if<scenario::RateArrival>(&user_.arrival.model)) {
            check(open->spike);
        }
    }

    /// Names that this user writes are not constant for it, and saves are not available before their step.
    void announce_names()
    {
        if (population_.data) {
            for (const auto& column : population_.data->columns) {
                scope_.available.insert("data." + column);
            }
        }
        for (const auto& [name, text] : user_.variables) {
            scope_.constants.erase(name);
        }
        for (const auto* step : scenario::sending_steps(user_.steps)) {
            for (const auto& save : step->save) {
                if (const auto constant = scope_.constants.find(save.name); constant != scope_.constants.end()) {
                    scope_.constants.erase(constant);
                    scope_.available.insert(save.name);
                }
                if (!scope_.available.contains(save.name)) {
                    scope_.unavailable[save.name] = fmt::format(
                        "is saved by the step \"{}\", which has not run yet here; move that step up or give an "
                        "initial value in variables",
                        step->name);
                }
            }
        }
    }

    void bind_variables()
    {
        population_.initial = globals_.varying;
        for (const auto& name : dependency_order(user_.variables, binder_)) {
            auto bound = binder_.bind(user_.variables.at(name), scope_);
            population_.initial.emplace_back(binder_.slot(name), std::move(bound));
            make_available(name);
        }
    }

    void make_available(const std::string& name)
    {
        scope_.available.insert(name);
        scope_.unavailable.erase(name);
    }

    Step bind_step(const scenario::Step& step)
    {
        Step bound;
        bound.name = step.name;
        bound.timeout = step.timeout;
        const StepPlace at{scope_, step.place, scenario_.allow_hosts, binder_, scenario_};
        std::visit(
            [&](const auto& kind) {
                if constexpr (!scenario::orders_steps<std::decay_t<decltype(kind)>>) {
                    bound.action = bind_action(kind, at);
                }
            },
            step.action);
        bound.checks = bind_checks(step.expect, step.place);
        bound.needs_body = bound.checks.needs_body();
        bound.needs_headers = !bound.checks.headers.empty();
        for (const auto& save : step.save) {
            bound.saves.push_back(bind_save(save));
            const bool from_header = save.source == scenario::Save::Source::header;
            bound.needs_body = bound.needs_body || !from_header;
            bound.needs_headers = bound.needs_headers || from_header;
        }
        for (const auto& save : step.save) {
            make_available(save.name);
        }
        return bound;
    }

    AnswerChecks bind_checks(const scenario::Expectation& expect, const scenario::Place& place)
    {
        AnswerChecks checks;
        checks.status = expect.status;
        for (const auto& header : expect.headers) {
            checks.headers.push_back(
                {header.name, binder_.compile(header.pattern, place, "expect.headers." + header.name)});
        }
        for (const auto& pattern : expect.body) {
            checks.body.push_back(binder_.compile(pattern, place, "expect.body"));
        }
        for (const auto& json : expect.json) {
            JsonCheck check{json, std::nullopt};
            if (json.kind == scenario::JsonExpectation::Kind::matches) {
                check.pattern = binder_.compile(json.value, place, "expect.json." + json.pointer);
            }
            checks.json.push_back(std::move(check));
        }
        checks.rows = expect.rows;
        if (expect.error) {
            checks.error = binder_.compile(*expect.error, place, "expect.error");
        }
        return checks;
    }

    SaveRule bind_save(const scenario::Save& save)
    {
        SaveRule rule{binder_.slot(save.name), save.source, save.argument, std::nullopt};
        if (save.source == scenario::Save::Source::regex) {
            rule.pattern = binder_.compile(save.argument, save.place, "save." + save.name);
        }
        return rule;
    }

    const scenario::User& user_;
    const scenario::Scenario& scenario_;
    const Globals& globals_;
    Binder& binder_;
    Scope scope_;
    Population population_;
};

} // namespace

Population resolve_population(const scenario::User& user, const scenario::Scenario& scenario, const Globals& globals,
                              Binder& binder)
{
    return PopulationBuilder(user, scenario, globals, binder).build();
}

std::string beside(const std::string& scenario_file, const std::string& file)
{
    return (std::filesystem::path(scenario_file).parent_path() / file).lexically_normal().string();
}

} // namespace squall::plan
