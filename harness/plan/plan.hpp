// The immutable plan of a run: names resolved to slots, files read, everything checked across tables.
#pragma once

#include "base/quantity.hpp"
#include "base/time.hpp"
#include "plan/journey.hpp"
#include "scenario/scenario.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace squall::plan {

struct HttpAction {
    std::string method;
    BoundText url;
    std::vector<std::pair<std::string, BoundText>> headers;
    std::optional<BoundText> body;
    int follow_redirects = 0;
    std::optional<scenario::SlowPace> pace;
};

/// See scenario::PostgresStep.
struct PostgresAction {
    struct Statement {
        BoundText sql;
        std::vector<BoundText> parameters;
        std::string name; // it is prepared under; empty: it is not
    };
    struct Copy {
        int rows = 1;
        BoundText row;
    };
    struct Listen {
        BoundText channel;
        std::uint64_t notifications = 1;
        std::optional<BoundText> payload;
    };

    std::vector<Statement> statements;
    scenario::PostgresPattern pattern;
    std::optional<Listen> listen;
    BoundText database;
    scenario::ConnectionUse connection;
    int pipeline = 1;
    std::optional<Copy> copy;
    std::optional<Duration> statement_timeout;
};

struct RedisAction {
    std::vector<std::vector<BoundText>> commands; // MULTI and EXEC included
    int repeat = 1;
    bool transaction = false;
    int messages = 0; // waited for after the command, which is SUBSCRIBE
    BoundText server;
    int resp = 2;
    scenario::ConnectionUse connection;
    bool constant = false; // the commands are the same each time
};

/// Compiled forms of scenario::Expectation and scenario::Save.
struct HeaderCheck {
    std::string name;
    Pattern pattern;
};
struct JsonCheck {
    scenario::JsonExpectation expectation;
    std::optional<Pattern> pattern;
};
struct AnswerChecks {
    std::vector<scenario::StatusMatch> status; // empty: below 400
    std::vector<HeaderCheck> headers;
    std::vector<Pattern> body;
    std::vector<JsonCheck> json;
    std::optional<int> rows;
    std::optional<Pattern> error; // the server must refuse, with this text

    [[nodiscard]] bool needs_body() const { return !body.empty() || !json.empty(); }
};
struct SaveRule {
    Slot slot = 0;
    scenario::Save::Source source = scenario::Save::Source::json;
    std::string argument;
    std::optional<Pattern> pattern;
};

/// See scenario::WebSocketStep. The members with `part` index Step::parts.
struct WebSocketAction {
    struct Say {
        std::optional<Duration> every;
        bool binary = false;
        BoundText payload;
        Slot id_slot = 0; // of ${ws.id}
        std::optional<std::uint32_t> echo_part;
    };

    BoundText url;
    std::vector<std::pair<std::string, BoundText>> headers;
    std::vector<std::string> subprotocols;
    bool deflate = false;
    std::optional<scenario::DurationRange> hold;
    std::optional<Say> say;
    std::optional<Duration> ping_every;
    std::uint32_t ping_part = 0; // with ping_every
    std::uint32_t close_part = 0;
    bool reads = true;
    std::optional<Pattern> first_message;
    std::uint64_t messages = 0;
    scenario::WebSocketStep::Leave leave;
    std::optional<scenario::WebSocketStep::Reconnect> reconnect;
    std::vector<std::string> parts; // what is measured besides the step itself: "echo", "ping", "close"
};

/// A service that the users' steps start, and speak to over its stdin and stdout.
struct StdioService {
    std::string name;
    std::string command;   // as the user wrote it
    std::string directory; // where it runs
    Duration stop_grace{}; // from the end of its stdin to SIGKILL
};

/// See scenario::RpcStep.
struct RpcAction {
    /// How the server is started where the user has none; the words vary with the user.
    struct Start {
        std::uint32_t service = 0; // index into Plan::stdio_services
        std::vector<BoundText> argv;
        std::vector<std::pair<std::string, BoundText>> environment;
    };

    scenario::RpcStep::Kind kind = scenario::RpcStep::Kind::call;
    BoundText method;
    std::optional<BoundText> params;
    std::optional<Start> stdio; // nothing: `url` is posted to
    BoundText url;
    std::vector<std::pair<std::string, BoundText>> headers;
    double killed = 0;
    /// Over stdio: whose samples tell of starts; one a user and service, that of the first step in the file.
    std::uint32_t start_sample = 0;
    std::vector<std::string> parts; // of that step: "start"
};

/// A step that sends something.
struct Step {
    std::uint32_t id = 0; // index into Plan::step_names
    /// The step has samples of other names, too: "room/echo", …: their ids follow its own in the order of
    /// action.parts.
    std::uint32_t first_part = 0;
    std::uint32_t part_count = 0;
    std::string name; // as the user wrote it
    std::variant<HttpAction, WebSocketAction, PostgresAction, RedisAction, RpcAction> action;
    Duration timeout{};
    AnswerChecks checks;
    std::vector<SaveRule> saves;
    bool needs_body = false;    // a check or a save looks at the body
    bool needs_headers = false; // a check or a save looks at a header
};

/// A CSV file in memory; rows × columns. column_slots[i] receives column i.
struct DataTable {
    std::string file;
    scenario::DataOrder order = scenario::DataOrder::sequential;
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
    std::vector<Slot> column_slots;
};

struct Population {
    std::string name;
    scenario::Arrival arrival;
    std::shared_ptr<const std::vector<Duration>> recording; // arrivals to replay, in order; null: none
    scenario::DurationRange think;
    std::shared_ptr<const DataTable> data; // null: none
    scenario::Connection connection = scenario::Connection::per_user;
    bool cookies = true;
    std::vector<std::pair<Slot, BoundText>> initial; // variables set when a user starts an iteration
    std::vector<Step> steps;                         // all that send something, in the order of the file
    Journey journey;                                 // in which order
};

/// One load and the quiesce behind it. The load is `repeats` times the scenario's traffic, end to end.
struct Cycle {
    int repeats = 1;
    std::vector<double> mix; // by population: multiplies its users and rates; empty: 1
};

/// Lengths of the phases; primer, warm_up and quiesce may be 0. The order is primer, settle (a quiesce after the
/// primer, only with a primer), warm_up and load (one traffic, of which only the second part is judged), quiesce, and
/// load and quiesce again for each further cycle.
struct Phases {
    Duration primer{};
    Duration settle{};
    Duration warm_up{};
    Duration load{};    // one dose
    Duration quiesce{}; // of each cycle
    Duration grace{};
    std::vector<Cycle> cycles = {Cycle{}};
    std::vector<std::string> reasons; // why a length that the scenario does not give is what it is, a sentence each

    /// How often the scenario's traffic is sent in all cycles together.
    [[nodiscard]] int doses() const;
    /// Without what the grace adds.
    [[nodiscard]] Duration total() const;
};

/// A variable that the stack or [endpoints] gives a value when the run starts: ${api}, ${postgres}, …
struct EndpointVariable {
    std::string name;
    Slot slot = 0;
    std::optional<std::string> fixed; // from [endpoints] or [variables]; otherwise the stack's
};

struct Probe {
    std::string name;
    Duration every{};
    scenario::Place place;
    std::variant<scenario::HttpJsonProbe, scenario::PrometheusProbe, scenario::FilesProbe, scenario::ProcessProbe,
                 scenario::PostgresProbe, scenario::RedisProbe>
        source;
};

struct Plan {
    std::string name;
    std::string scenario_file;
    std::string profile;
    std::uint64_t seed = 1;
    Phases phases;
    scenario::LeakCheck leak_check = scenario::LeakCheck::quick;
    scenario::Place leak_check_place;
    std::optional<Rate> production_rate;
    std::vector<scenario::DeclaredCap> declared_caps;
    std::vector<std::string> notes; // what a report must say of the whole run
    scenario::StackSpec stack;      // without stdio services
    std::vector<StdioService> stdio_services;
    std::vector<std::string> allow_hosts;
    scenario::TlsOptions tls;
    std::vector<std::string> step_names; // unique: "login", or "planner/login" where two users share a name
    std::vector<EndpointVariable> endpoints;
    std::uint32_t slot_count = 0;
    std::vector<std::string> slot_names;
    std::vector<Population> populations;
    std::vector<Slot> setup_saves;      // set once by `setup`
    std::optional<Population> setup;    // one user, once before all load; what it saves is every user's
    std::optional<Population> teardown; // once, after all load
    std::vector<Probe> probes;
    std::vector<scenario::Check> checks;
};

struct PlanOutcome {
    std::shared_ptr<const Plan> plan; // null when there are problems
    std::vector<scenario::Problem> problems;
};

/// Resolves names, reads data files, compiles patterns, checks across tables (unknown variables with a suggestion, a
/// save used before the step that sets it, hosts outside loopback and allow_hosts, missing files, two users of one name
/// …).
[[nodiscard]] PlanOutcome make_plan(const scenario::Scenario& scenario);

/// Splits "http://host:port/…"; used for the loopback rule. True for 127.0.0.0/8, ::1 and localhost.
[[nodiscard]] bool is_loopback(std::string_view host);

} // namespace squall::plan
