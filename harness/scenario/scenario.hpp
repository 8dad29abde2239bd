// A scenario file as plain values: what the user wrote, checked table by table, names not yet resolved.
#pragma once

#include "base/quantity.hpp"
#include "base/time.hpp"
#include "scenario/arrival.hpp"
#include "scenario/place.hpp"
#include "scenario/stack_spec.hpp"
#include "scenario/step.hpp"
#include "scenario/text_template.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace squall::scenario {

enum class DataOrder { sequential, random, unique };

/// A CSV file with a header line. unique: no row is used twice in a run; when all are used the user stops.
struct DataSource {
    Place place;
    std::string file; // relative to the scenario file
    DataOrder order = DataOrder::sequential;
};

enum class Connection { per_user, per_iteration };

struct User {
    Place place;
    std::string name;
    Arrival arrival;
    DurationRange think; // after each iteration
    std::optional<DataSource> data;
    std::map<std::string, Template> variables;
    Connection connection = Connection::per_user;
    bool cookies = true;
    std::vector<Step> steps;
};

// ---- probes, checks, the whole --------------------------------------------------------------------------------------

struct HttpJsonProbe {
    Template url;
    std::map<std::string, std::string> gauges; // gauge name → JSON pointer
};
struct PrometheusProbe {
    Template url;
    std::map<std::string, std::string> gauges; // gauge name → metric, with {label="value"} where wanted
};
struct FilesProbe {
    Template pattern; // glob; the gauges are `count` and `bytes`
};
struct ProcessProbe {
    Template pid; // a process that the user names by number
};
struct PostgresProbe {
    Template url;
};
struct RedisProbe {
    Template url;
};

struct Probe {
    Place place;
    std::string name;
    Duration every = std::chrono::milliseconds(250);
    std::variant<HttpJsonProbe, PrometheusProbe, FilesProbe, ProcessProbe, PostgresProbe, RedisProbe> source;
};

struct Check {
    Place place; // of the expression
    std::string expression;
    std::optional<Duration> abort_after; // ends the load when it is missed, from this far into the load on
};

struct TlsOptions {
    bool verify = true;
    std::optional<std::string> ca_file;
};

/// How hard a run looks for leaks: one cycle of load and quiesce; six with growing doses; six with doses so long that
/// the strictest leak check can be met.
enum class LeakCheck { quick, standard, certify };
[[nodiscard]] std::string_view to_string(LeakCheck level);

/// What a service may hold and it is no leak: a number of things, or bytes.
struct DeclaredCap {
    Place place;
    std::string gauge;
    double value = 0;
};

struct Scenario {
    std::string file;
    std::string profile; // empty: none
    std::string name;
    std::uint64_t seed = 1;
    bool seed_given = false;
    Duration duration = std::chrono::seconds(30); // the load phase
    std::optional<Duration> primer;
    Duration warm_up{}; // before `duration`, with the load's own traffic
    std::optional<Duration> quiesce;
    Duration grace = std::chrono::seconds(5); // how long iterations in flight may finish when a phase ends
    LeakCheck leak_check = LeakCheck::quick;
    Place leak_check_place;              // of the key, where it is given
    std::optional<Rate> production_rate; // operations in production
    std::vector<DeclaredCap> declared_caps;
    std::map<std::string, Template> variables;
    StackSpec stack;
    std::map<std::string, Template> endpoints;
    std::vector<std::string> allow_hosts;
    TlsOptions tls;
    std::vector<Step> setup;    // once, before all load; what they save is every user's
    std::vector<Step> teardown; // once, after all load
    std::vector<User> users;
    std::vector<Probe> probes;
    std::vector<Check> checks;
};

} // namespace squall::scenario
